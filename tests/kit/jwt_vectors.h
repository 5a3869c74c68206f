/* jwt_vectors.h - written by jwt_vectors.mjs with the crypto of Node; see there. */
#pragma once
// clang-format off
#define JWKS \
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"9Q42XTfmGhWSOVVpD7rl5NSDxgkQow6OZ0m0gYeeGakxyjSsikoUAF6xjPjNT" \
    "EDiFnuT-Nmu8bDaDHKYSd_oA6--pfINdbdUJSLxzoucF---YvBzknFb4UTDxmdapzi3vcPeSuo4b_1jDue-iqS2p" \
    "_ko6Pe4QboYITdPST3BwaFfd8iZ08403ZdJyVrW5XQDNOdgtRjQE6SjJRjdN4cFxsNeilNRaDtr5XBsQ2FbwTiCh" \
    "eUIhGJGYlHqU4vXDmJkYQtReU1xamE785NFkj9Ra8DIa0iXSlocak2LvcBSlBM3ziOUJZLME1ZjKYupp8Lc31yQj" \
    "mEPS-AH-dTySZ84Mw\",\"e\":\"AQAB\",\"kid\":\"r1\",\"use\":\"sig\",\"alg\":\"RS256\"},{\"kty\":\"EC\",\"x\":\"81g" \
    "mpcZw99gYEQG6UBMOm19t6lbtGxQHkrdRlFEsfR0\",\"y\":\"LiL3cyyPoyf00wUwUX6uj65cE_h2BuDmvntWgh8xt" \
    "6A\",\"crv\":\"P-256\",\"kid\":\"e1\"},{\"kty\":\"RSA\",\"n\":\"7M6SBR5iThwF5Sqx9q9rwd5LGqt9y93Ot3CpuyvP" \
    "_1s5M29o8JrguDj2vp7qxTV8htniaQQERTkstkPRPyrYXVUbiqpADyw-zHo5PrNFU435mqH3yQhQqjm4QnKMZvXZ" \
    "lT-pZXFIYbjBdyjFUBOOJEHGr2suo-fxjoH5vSgQ0KU\",\"e\":\"AQAB\",\"kid\":\"weak\"},{\"kty\":\"EC\",\"x\":\"A" \
    "zL20aRtgyOTNOYaaAMfaMJ6l6s3fTbRBF7_2aQwSx98eQK-9FmOtPiF_2qxGr5M\",\"y\":\"H6B_1vR5KUJXeiVBWh" \
    "79jlXZXc7hR1Kefix8qwyeTxDILzDm1WRI6IqMn0pl9cmM\",\"crv\":\"P-384\",\"kid\":\"e384\"},{\"kty\":\"oct\"" \
    ",\"kid\":\"shared\",\"k\":\"YSBzZWNyZXQgdGhhdCBpcyBwdWJsaWM\"}]}"
#define JWKS_LATER \
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"lR1zEEJL-UnRgDAOcemW66n0_6iU6idhbby-PyYFacF8qedTBhJC49pV48Ich" \
    "YueeNL99dCeow9fFNBDtR-WyhRpTdGbAUCmnd483iH3PiaG8m_Qvr994KmQm8IIzIqNuQw_zBc1IONOfx7w6Qxxe" \
    "1j1GMpYKwpR95s4KdeZ3_wCPBqxbA55oyZVkYw7ztVvKx4IPvz0NP0aUH6tbOLsbDE8n4Dyh1L3R8MhXKJz5BXi3" \
    "J9vGkVOGncbWSV3f6glIP8gn5ay1EWBW7XaOMCWv1FyjPfzEdX0GBI3yPrluXYyFMrwQ_S5AJBS0isgPQcAv82-e" \
    "WEGWc9stWS4RusSsw\",\"e\":\"AQAB\",\"kid\":\"r2\"},{\"kty\":\"EC\",\"x\":\"81gmpcZw99gYEQG6UBMOm19t6lbtG" \
    "xQHkrdRlFEsfR0\",\"y\":\"LiL3cyyPoyf00wUwUX6uj65cE_h2BuDmvntWgh8xt6A\",\"crv\":\"P-256\",\"kid\":\"e" \
    "1\"}]}"
#define JWKS_NAMELESS \
    "{\"keys\":[{\"kty\":\"EC\",\"x\":\"81gmpcZw99gYEQG6UBMOm19t6lbtGxQHkrdRlFEsfR0\",\"y\":\"LiL3cyyPoyf0" \
    "0wUwUX6uj65cE_h2BuDmvntWgh8xt6A\",\"crv\":\"P-256\"},{\"kty\":\"RSA\",\"n\":\"lR1zEEJL-UnRgDAOcemW66" \
    "n0_6iU6idhbby-PyYFacF8qedTBhJC49pV48IchYueeNL99dCeow9fFNBDtR-WyhRpTdGbAUCmnd483iH3PiaG8m" \
    "_Qvr994KmQm8IIzIqNuQw_zBc1IONOfx7w6Qxxe1j1GMpYKwpR95s4KdeZ3_wCPBqxbA55oyZVkYw7ztVvKx4IPv" \
    "z0NP0aUH6tbOLsbDE8n4Dyh1L3R8MhXKJz5BXi3J9vGkVOGncbWSV3f6glIP8gn5ay1EWBW7XaOMCWv1FyjPfzEd" \
    "X0GBI3yPrluXYyFMrwQ_S5AJBS0isgPQcAv82-eWEGWc9stWS4RusSsw\",\"e\":\"AQAB\"},{\"kty\":\"RSA\",\"n\":\"" \
    "9Q42XTfmGhWSOVVpD7rl5NSDxgkQow6OZ0m0gYeeGakxyjSsikoUAF6xjPjNTEDiFnuT-Nmu8bDaDHKYSd_oA6--" \
    "pfINdbdUJSLxzoucF---YvBzknFb4UTDxmdapzi3vcPeSuo4b_1jDue-iqS2p_ko6Pe4QboYITdPST3BwaFfd8iZ" \
    "08403ZdJyVrW5XQDNOdgtRjQE6SjJRjdN4cFxsNeilNRaDtr5XBsQ2FbwTiCheUIhGJGYlHqU4vXDmJkYQtReU1x" \
    "amE785NFkj9Ra8DIa0iXSlocak2LvcBSlBM3ziOUJZLME1ZjKYupp8Lc31yQjmEPS-AH-dTySZ84Mw\",\"e\":\"AQA" \
    "B\"}]}"
#define JWKS_USELESS \
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"7M6SBR5iThwF5Sqx9q9rwd5LGqt9y93Ot3CpuyvP_1s5M29o8JrguDj2vp7qx" \
    "TV8htniaQQERTkstkPRPyrYXVUbiqpADyw-zHo5PrNFU435mqH3yQhQqjm4QnKMZvXZlT-pZXFIYbjBdyjFUBOOJ" \
    "EHGr2suo-fxjoH5vSgQ0KU\",\"e\":\"AQAB\",\"kid\":\"weak\"},{\"kty\":\"EC\",\"x\":\"AzL20aRtgyOTNOYaaAMfaM" \
    "J6l6s3fTbRBF7_2aQwSx98eQK-9FmOtPiF_2qxGr5M\",\"y\":\"H6B_1vR5KUJXeiVBWh79jlXZXc7hR1Kefix8qwy" \
    "eTxDILzDm1WRI6IqMn0pl9cmM\",\"crv\":\"P-384\",\"kid\":\"e384\"},{\"kty\":\"RSA\",\"n\":\"9Q42XTfmGhWSOVV" \
    "pD7rl5NSDxgkQow6OZ0m0gYeeGakxyjSsikoUAF6xjPjNTEDiFnuT-Nmu8bDaDHKYSd_oA6--pfINdbdUJSLxzou" \
    "cF---YvBzknFb4UTDxmdapzi3vcPeSuo4b_1jDue-iqS2p_ko6Pe4QboYITdPST3BwaFfd8iZ08403ZdJyVrW5XQ" \
    "DNOdgtRjQE6SjJRjdN4cFxsNeilNRaDtr5XBsQ2FbwTiCheUIhGJGYlHqU4vXDmJkYQtReU1xamE785NFkj9Ra8D" \
    "Ia0iXSlocak2LvcBSlBM3ziOUJZLME1ZjKYupp8Lc31yQjmEPS-AH-dTySZ84Mw\",\"e\":\"AQAB\",\"kid\":\"r1\",\"" \
    "use\":\"enc\"},{\"kty\":\"RSA\",\"n\":\"lR1zEEJL-UnRgDAOcemW66n0_6iU6idhbby-PyYFacF8qedTBhJC49pV48" \
    "IchYueeNL99dCeow9fFNBDtR-WyhRpTdGbAUCmnd483iH3PiaG8m_Qvr994KmQm8IIzIqNuQw_zBc1IONOfx7w6Q" \
    "xxe1j1GMpYKwpR95s4KdeZ3_wCPBqxbA55oyZVkYw7ztVvKx4IPvz0NP0aUH6tbOLsbDE8n4Dyh1L3R8MhXKJz5B" \
    "Xi3J9vGkVOGncbWSV3f6glIP8gn5ay1EWBW7XaOMCWv1FyjPfzEdX0GBI3yPrluXYyFMrwQ_S5AJBS0isgPQcAv8" \
    "2-eWEGWc9stWS4RusSsw\",\"e\":\"AQAB\",\"kid\":\"r2\",\"alg\":\"RS512\"},{\"kty\":\"RSA\",\"kid\":\"bad\"},7]}"
#define RS_R1 \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InIxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczov" \
    "L2lzc3Vlci5leGFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAi" \
    "OjQxMDI0NDQ4MDB9.ka7BsK9ySAEIZWuD2bn7Sx1JAPZ1VVtlp4xbllN9II2j1Juj2glVQo_CN55hNp3WIr_c8-G" \
    "PG-rSjUCTI8o3m4oxLe8aIBNYJdAMmXDu2TdmRY8VRpk7zK69qjpi14sABKWtO3VMil9y7nE7hdYr2obj--6gR1H" \
    "ogzFxffU_osPCCFJ2BiWsmNHSCGc7pD5okKIGDNb06R6FpNvsvuwRXtETU-_siSU5GWVCxOytH9ZG4WL1gj31VWh" \
    "1OQAY8JTYrpBLtx3xNdLYI4086vu-tXmKPsmGX2-31NNUpWmH9RaETlbtxamzCvxJ_Om8_CN-2PsQg_o6jETtIqQ" \
    "9thuWlw"
#define RS_R2 \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIyIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".K55mo8XFWr51mCRe2gmIpgHVffnnCodhGDSrX3aEeyDQ__nycTuIcTaD9N-bRioJb9CkgsMf5hwTMqBxgv8KANT" \
    "FLLbxyfcCUDzN_K0zCuSz2lECL7PTmpq9kIlxjGovT4XZHsti8os3bWd3B9MdooBHwsKZzUxy1cgfcJLHQkSOw5c" \
    "vCGk4kdGtaNYVOJGpbuXcS24u8t1PYRFU66Wnu91SQrAdRQcJ0PgEFxxnbXDhC2TlXoEhrHC_BY0Vxr2kTt_CT12" \
    "jMGUgPHDNDZqyidvjdSYbbboYzMFbaUJHHTSbv3hRoB0QeoDp7PbK2txVvzuSrzXcg5xD2gFhVn25yQ"
#define RS_NO_KID \
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjp" \
    "bInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9.D-ZkhObTS9ihXm" \
    "bCuVce9o8DN8Kfqm8V9-8hRPkLuJfmRPVa2J3gykeuLqC4PMRHV3yhf43ghU799WgQDFAAOruqfaXVw5uMOfbomf" \
    "rJkYDNOIE2bbN-Q2WdgaWlm7Wsk2zpyPAZgLmnP-F7cxIQl6xKhUAsef0xdqLyQA8er9jYOgVhfYW-uM-dbWThWU" \
    "Xk-acfpjjNO_3E-Aqs5OfxzP4vhQnh5YqB-2_f8O3f0pTsHzpkLsRU6zu58gHx4Rpye2lukq_tF95Lylm4d0qOwR" \
    "eCfJN8A6fFakSYLZt823fa3XwSN1ZXWEdKUJphEmcHLRwuNXxv1eLkE2UxWJVosg"
#define ES_E1 \
    "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImUxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRw" \
    "czovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJl" \
    "eHAiOjQxMDI0NDQ4MDB9.wkijOsS4VMFn3xzraF1o9fWo9BWi23R40Z7SljOSFZj4foFSNzLNJp1_SvybwmVYnwU" \
    "mP4OtO-x1RgWEkdTLtg"
#define ES_OTHER_KEY \
    "eyJhbGciOiJFUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".mLyr4-MpS3TEU_JNoxBaxcyE-MdQ2J9iz9x1isR9vs6sW2svNudbz4E35ezd5b69-VRZTgk_udr7jawzqKTmUQ"
#define RS_BY_THIEF \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".agHSSoyW8JhFp8OLgDy48ztx5PkfgB2zAC-oPvXPZ_fKTu6bBSxeFZ8sFEzE_ReN0pAa3R1rmNv9pBCEcVNIDgl" \
    "7rmf30boC4CyNO5alNPDbiBBcMt3pdN3hCTHg795C0qqXl-8zditNSeUag3tboAw9tbiL522LBUm2Wu3x9pJMoH1" \
    "mMkfWpJDUBkMgs3FLyyDo_vLwv0sT83hk0kZSyTt87TBUDg9DxWrjMYY1OuhyYePFy1rDhj1Mn0sYVHJnymy7XN0" \
    "AmZpGykO8HMiuVbRYahMTtyfoQwdlMtUK4m3-A-PaNjUWIy1rDPu1xaUtWMrgHVe6AuTbkWcBrkuOIQ"
#define RS_BRINGS_KEY \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InRoaWVmIiwiandrIjp7Imt0eSI6IlJTQSIsIm4iOiJyWWFYZHI1VHNEeU42" \
    "cG8yb0d6T1Jocm16VEIwLU5fV1RGMm9QYWlhblBRS29LRnZwUjFqUFZNU2RQWGV0Q2xFem9qUk9xRTM1RHFocXVR" \
    "UE5IX1hKaWVQZFdCRHdOdXhBejV6YnZZdDYxdGRibjlHaHR3MGVSSlJmVndDOUFGWWNQX3NXajFGMWlYQlJ2a0Y3" \
    "MThYUW03cmVMZHk2NkFCR2Z5NF93VnpvSGN2ckk4RzJTUkZjM0ZsbktiazA4UXg0NzZFWnRBdWRpM3dSYS1XWlIz" \
    "VGZnZDhuMTBkcHUzSDZoRUszRURQZE1jUXdORTV6bnp5WVp5RWhUSGltRkZYS0NFR291MmM0Mi1lcFd2MDNRdjJn" \
    "YVFrNkEzQ3BOTnFFcnI2WHhQVGc4UTZ3NERUSWF2Y1lrdVJpX3JmS0hxMVRkVVNzTEhTeDVmd2tIRzdLM3ZVenci" \
    "LCJlIjoiQVFBQiIsImtpZCI6InRoaWVmIn0sImprdSI6Imh0dHA6Ly8xMjcuMC4wLjE6OS9rZXlzIiwieDV1Ijoi" \
    "aHR0cDovLzEyNy4wLjAuMTo5L3gifQ.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlI" \
    "iwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9.mqT1" \
    "_oOpdug-8VWwGRp6kcXqiIXqeYQlUrURFaKGgpeIn41MsAytDX5uPgr9mXArW0rXORhpwPmcr2x54zoZ_H1R1v66" \
    "WAmMjmLHfA9K0bu-ZE9srut_DgkAcwTJFI46PhdIMsWW9Zd7AsOCvL1ne7pBTKVBJYg8ey15Oj13B_4iqIDIhSHF" \
    "xkZfZjFvAuGNoT-nh_iWWXdC0Gsw4-IeC8OIkxUZKIR2MTBzp2k8eDxl3VaO1SSej3aA_bXxKqEqOe5s0MYp6v8t" \
    "32YgQYZMLq4zMtXHQOPU7UNi0Ykh8Z4lnk6qELuO1UYOoi4W9NhtHsKAulAOkVJuA8J_LVgOig"
#define RS_WEAK \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IndlYWsifQ.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5le" \
    "GFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4M" \
    "DB9.zs97ldZ-jMBb5NZ8BoxW575LB1IUBmimGCScRFYBDNootF1jrnK3QKm1wCc3ZUOYomzLINO0mCsRxwh4_3nQ" \
    "ibi22xZ8XMwOD-XrJi890W0dPq7s26gB9VlbNdeZEADwpDtLhWr30vqdVYrM4a5UPulBem-txVF8Xenvm3tweUY"
#define RS_512 \
    "eyJhbGciOiJSUzUxMiIsImtpZCI6InIxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".3xp_u305SXR0tbjGzfLIKdNRbDz2a3FoE3IqEjrw36kreB3JIEar4DGpswBmTvCE-F54AlXpledhi55kGzEZCHC" \
    "pwLv8_FsGTLZIELQWrD3-KWbwXTXQTYZ1syb8pwpfxKhq-raCAKfGqgqz7wjR6JqWCUz5pb8NWuo6qCGK2y1Uerv" \
    "gKJck8l7imuhax-TU5V8WoFzofQ_8WaYtryyBPN4BZUfA56z8hYxM9ToLRH52ncv67d_EA48C6Q546m2IgWW7JnI" \
    "88s_oBGeooNM6toyS6AJOErqKVYCxNkgQc1BtP6h0PrFas4JxQbP1xwAe2R_6gKv8rjsAseGvT8Qm6A"
#define RS_CRIT \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIiwiY3JpdCI6WyJiNjQiXSwiYjY0Ijp0cnVlfQ.eyJzdWIiOiJhbm4iL" \
    "CJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoid" \
    "XBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9.YAtBE1j2J9ULUGPu5w0L88UmzRQOYTv33hq9WL2qVgBtN5VPN4pU" \
    "fKzks9le22ZqvZy4mjRO38gzpc0v5R_fK92WNNWKmqIi76tgwDGP-UCuGTc7Apq06Vbdb_gt954hmGumBr3SDON3" \
    "6sxp4FuBt9Wwr_EInKdMzez93ptaP54l5uY6doCKBCgAe_9QSKLZctb-Uo-IWx5BUo42s1UuTUsYWZlT1C5pmbWs" \
    "pQBZxHR8SZr0aggPWTzYYfDmsT8W1XrAS8MyTo5Sdolw4T7g9_G9nRTLP8ozGaj89OzB-w57x_wtvcomHs_JpX8x" \
    "mcWzYz6pxeIfJ2jluyJyiF9Urw"
#define RS_OTHER_TYPE \
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIiwidHlwIjoiZHBvcCtqd3QifQ.eyJzdWIiOiJhbm4iLCJpc3MiOiJod" \
    "HRwczovL2lzc3Vlci5leGFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiL" \
    "CJleHAiOjQxMDI0NDQ4MDB9.bvf4OAigWPiRHt8p6YWMy6rZfYoBZh_fAPmThVXLikkyEdgl3mmRNrkTzwjkQcwp" \
    "Mtq0jlhH-V321eRo3vaPI6sgTR3Z19AhUpMKKpDq5vLCIm6J6zxw9cvKEjhSFzswLx1yOJy5A6eJJcQcs5-Qq65i" \
    "Y-Tl9XKmGMb_8TGBznKLYqwUvx7wHqIwHiVtjFCypdOnY0kGA6oQv1eqBK2sugJ-e1hJ3t3JcKfUvKR4F7AfHjyg" \
    "Y6-MQwv8-VkdmJgb2qDahuP_OBVi0UDFTDYpsabwkQaiX5dcKTEvj-X36lBUp8H55Q6LlZsGnm8OLMtG3204FPrF" \
    "Ga3GcirSGURclg"
#define ES_DER \
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".MEUCIQCdiv-o2jjf-M2De9ffBQRyIPrpCzPv6fCi7iQ4FFP_7AIgRIX6r2ZIjyGlt_Ly8yewdztdB6-rc2viqLk" \
    "vBW7kKO4"
#define ES_384 \
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUzODQifQ.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5le" \
    "GFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4M" \
    "DB9.xSrwhfghnINHFiZ8eJXlIen3LOZWNgbt_IwDztI57IF2ET6oKSZhMbGpfameqV2spr88AaB_LJWSDwRDJO0r" \
    "PZF6uQKt29nA1S8uyc6k6TQSRSExxIGwxs6ab2WnzbVJ"
#define HS_BY_PEM \
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".dgvK5cBBgRbEXPyAwQ7FsMR-nhuDDAIJBPyPedwRNXo"
#define HS_BY_N \
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InIxIn0.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFt" \
    "cGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9" \
    ".tububBPTfkLN5bRfV2_akUaWHllG8tESef3CznlyiZk"
#define HS_BY_PUBLIC_SECRET \
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InNoYXJlZCJ9.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5" \
    "leGFtcGxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ" \
    "4MDB9.2xwlKQPyM1lAXr-E6NK4Om8nMWo4l2tR6mBq1iDPtI4"
#define NONE \
    "eyJhbGciOiJub25lIiwia2lkIjoicjEifQ.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtc" \
    "GxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9."
#define NONE_SIGNED \
    "eyJhbGciOiJub25lIiwia2lkIjoicjEifQ.eyJzdWIiOiJhbm4iLCJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtc" \
    "GxlIiwiYXVkIjpbInNuYXBrZXkiLCJvdGhlciJdLCJyb2xlIjoidXBsb2FkZXIiLCJleHAiOjQxMDI0NDQ4MDB9." \
    "MSqj3Ijr8ZAmzvpfYEghGrw1enojZagazb_L1p_PvzUgIKbWYuEk1AwRKEz6xNb7EM3lKntbnqww_zrAr-SoKBN3" \
    "0HChl8HKUu58UUw4aLDaAA-hc7jLokl6Drhveq6yv9GubgLpe5--2jERxQeW76h1O7-Ma-P078egYP0cCMVcybhk" \
    "6w8lEmIGCKtCjpqYvNMYBhLby6uAeHwlXLxAtgdseRZdTUrakhjrQyAdNd9y7tbnfL-SjGCpHkWGV6-XPNOtPoTT" \
    "oI_ScF_5JlEcsS1fhwgk3VldFKdx1S0J6CNYkznbDHpJZ4sQ6xTDeqPrUiwMnFpSWUPnHykHgBBmOg"
