// Preloaded before Portkey's gateway, which has no setting for it: every server of the process listens on 127.0.0.1 only.
const { Server } = require('node:net');
const listen = Server.prototype.listen;
Server.prototype.listen = function onLoopback(first, ...rest) {
  const callback = [first, ...rest].find((a) => typeof a === 'function');
  const port = typeof first === 'object' && first !== null ? first.port : first;
  return listen.call(this, { port: Number(port) || 0, host: '127.0.0.1' }, callback);
};
