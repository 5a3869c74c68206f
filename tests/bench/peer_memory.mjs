// The replaced design: express, multer's memory storage, one PutObject of the whole buffer.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import express from 'express';
import multer from 'multer';
import { LIMIT, bucket, hasher, newKey, port, randomUUID, record, s3 } from './peer.mjs';

const app = express();
const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: LIMIT, files: 10 } });
app.get('/healthz', (req, res) => res.end('ok'));
app.post('/upload', upload.array('screenshots', 10), async (req, res) => {
  try {
    const [file] = req.files;
    const uuid = randomUUID();
    const key = newKey(uuid);
    const hash = hasher();
    hash.update(file.buffer);
    const put = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: file.buffer, ContentType: file.mimetype }));
    res.status(201).json(await record({ uuid, name: file.originalname, key, type: file.mimetype, size: file.size,
      sha256: hash.digest('hex'), etag: put.ETag, fields: req.body }));
  } catch (e) {
    res.status(500).json({ success: false, message: String(e) });
  }
});
app.listen(port, '127.0.0.1');
