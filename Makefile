# snapkey. `make help` lists the targets; README.md says what they are for.
# Variables: CC=gcc|clang  SAN=asan|tsan  B=build folder
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

ifeq ($(origin CC),default)
CC := gcc
endif
cc_name  := $(notdir $(CC))
B        := build/$(cc_name)$(SAN:%=-%)
GEN      := $B/gen
CPPFLAGS := -I. -I$(GEN) -D_GNU_SOURCE -MMD -MP
CFLAGS   := $(if $(SAN),-O1 -g1,-O2 -g) # under a sanitizer: built in two thirds of the time, and as telling
SAN_asan := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_tsan := -fsanitize=thread
LDFLAGS  ?= $(if $(shell command -v ld.lld),-fuse-ld=lld) # links the many test programs in half the time
override CFLAGS += -std=gnu17 -fno-strict-aliasing -pthread $(shell cat warnings.txt) $(SAN_$(SAN))
PQ_CFLAGS    = $(shell pkg-config --cflags libpq)
VIPS_CFLAGS  = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags vips))
LIBS_common := -lcurl -lpq -lcrypto -lcjose -luuid -lunistring -lpthread -lm
LIBS_reader := -ltesseract -llept

objs = $(patsubst %.c,$B/%.o,$(filter-out %/main.c,$(wildcard $1/*.c)))
bins := $B/bin/upload-svc $B/bin/analysis-svc $B/bin/reader $B/bin/sigv4 build/sigv4

all: $B/bin/upload-svc $B/bin/analysis-svc ## both services (into build/gcc/bin)
sigv4: build/sigv4 ## build/sigv4, for whoever meets SignatureDoesNotMatch
reader: $B/bin/reader ## the offline reader that stands in for the model providers
bins: $(bins)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$B/analysis-svc/scale.o: override CPPFLAGS += $(VIPS_CFLAGS)
$B/common/db.o $B/common/db_%.o: override CPPFLAGS += $(PQ_CFLAGS)

# Folders that travel inside the programs; a folder is newer when a file in it was renamed or went.
define embedded
$(GEN)/$1.c: $(wildcard $2) $(patsubst %/,%,$(dir $2)) common/embed.sh
	@mkdir -p $$(@D)
	common/embed.sh $3 $(sort $(wildcard $2)) > $$@
$(GEN)/$1.o: $(GEN)/$1.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $$@ $$<
endef
$(eval $(call embedded,upload_migrations,upload-svc/migrations/*.sql,upload_migrations))
$(eval $(call embedded,upload_web,upload-svc/web/*,upload_web))
$(eval $(call embedded,analysis_migrations,analysis-svc/migrations/*.sql,analysis_migrations))

# A room is an archive: a program takes from it what it needs.
define room
$B/$1.a: $(call objs,$1) $2
	@mkdir -p $$(@D)
	rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(eval $(call room,common,))
$(eval $(call room,upload-svc,$(GEN)/upload_migrations.o $(GEN)/upload_web.o))
$(eval $(call room,analysis-svc,$(GEN)/analysis_migrations.o))
$(eval $(call room,local/reader,))
$(eval $(call room,local/sigv4,))
$(eval $(call room,tests/kit,))

$B/bin/%: $B/%/main.o $B/%.a $B/common.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_common)
$B/bin/reader: $B/local/reader/main.o $B/local/reader.a $B/common.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_common) $(LIBS_reader)

$B/bin/sigv4: $B/local/sigv4/main.o $B/local/sigv4.a $B/common.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto -lpthread
build/sigv4: $B/bin/sigv4
	ln -f $< $@

# Unit and contract tests: one program per file, mirroring the tree, linked with the rooms that it includes.
unit_src := $(sort $(wildcard tests/unit/test_*.c tests/contract/test_*.c))
# TSan does not see the locks of glib, by which libvips' own threads wait for one another: it reports for ever. The
# others are long and have one thread: there is nothing for it to see.
not_tsan := %/test_scale %/test_multipart %/test_number_table %/test_reader_picture
units    := $(filter-out $(if $(filter tsan,$(SAN)),$(not_tsan)),$(patsubst %.c,$B/%,$(unit_src)))
kit      := $B/tests/kit.a
in_room   = $(if $(unit_src),$(shell grep -l '"$1/' $(unit_src)))
define unit
$(patsubst %.c,$B/%,$1): $(patsubst %.c,$B/%.o,$1) $(kit) $2 $B/common.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $3 $(LIBS_common) -lcmocka
endef
in_upload   := $(call in_room,upload-svc)
in_analysis := $(call in_room,analysis-svc)
in_sigv4    := $(call in_room,local/sigv4)
in_reader   := $(call in_room,local/reader)
$(foreach t,$(unit_src),$(eval $(call unit,$t,$(strip $(if $(filter $t,$(in_upload)),$B/upload-svc.a) \
  $(if $(filter $t,$(in_analysis)),$B/analysis-svc.a) $(if $(filter $t,$(in_sigv4)),$B/local/sigv4.a) $(if $(filter $t,$(in_reader)),$B/local/reader.a)),$(if $(filter $t,$(in_reader)),$(LIBS_reader)))))
units: $(units)
unit: $(units) ## unit and contract tests in this build (SAN=asan, SAN=tsan, CC=clang)
	tests/run $(units)

-include $(shell find $B -name '*.d' 2>/dev/null)

-include tests/tests.mk

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'
clean: ## remove what was built
	rm -rf build
.PHONY: all sigv4 reader bins units unit help clean
