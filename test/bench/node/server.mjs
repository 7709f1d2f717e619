// The push of a count as a small Node program on fastify and libsql, with the same rows, indexes and durability.
//   node server.mjs FILE each|grouped SERVICE      prints the port it listens on
// each: a commit per request, as such programs are written. grouped: requests of one turn of the event loop share one.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import Database from 'libsql';
import fastify from 'fastify';

const [path, mode, service, token, accounts] = process.argv.slice(2);
const db = new Database(path);
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
  CREATE TABLE push_keys (org_id TEXT NOT NULL, integration_id TEXT NOT NULL, vendor_hash TEXT NOT NULL, partner_hash TEXT NOT NULL);
  CREATE UNIQUE INDEX push_keys_by_partner ON push_keys (partner_hash);
  CREATE TABLE vendor_accounts (org_id TEXT NOT NULL, id TEXT NOT NULL, integration_id TEXT NOT NULL, vendor_id TEXT NOT NULL, PRIMARY KEY (org_id, id));
  CREATE UNIQUE INDEX accounts_by_vendor_id ON vendor_accounts (org_id, integration_id, vendor_id);
  CREATE TABLE services (org_id TEXT NOT NULL, id TEXT NOT NULL, integration_id TEXT NOT NULL, PRIMARY KEY (org_id, id));
  CREATE TABLE observations (org_id TEXT NOT NULL, service_id TEXT NOT NULL, account_id TEXT NOT NULL, seq BIGINT NOT NULL,
    units BIGINT NOT NULL, units_text TEXT, implied BIGINT NOT NULL, observed_at BIGINT NOT NULL, received_at BIGINT NOT NULL,
    run_id TEXT NOT NULL, PRIMARY KEY (org_id, service_id, account_id, seq)) WITHOUT ROWID;
  CREATE TABLE counts (org_id TEXT NOT NULL, service_id TEXT NOT NULL, account_id TEXT NOT NULL, seq BIGINT NOT NULL,
    units BIGINT NOT NULL, units_text TEXT, observed_at BIGINT NOT NULL, received_at BIGINT NOT NULL, run_id TEXT NOT NULL,
    PRIMARY KEY (org_id, service_id, account_id)) WITHOUT ROWID;`);

const sha = (text) => createHash('sha256').update(text).digest('hex');
const id = () => randomBytes(12).toString('hex');
const org = id(), integration = id(), run = id();
const [vendorKey, partnerKey] = Buffer.from(token, 'base64').toString().split(':');
db.prepare('INSERT INTO push_keys VALUES (?, ?, ?, ?)').run(org, integration, sha(vendorKey), sha(partnerKey));
db.prepare('INSERT INTO services VALUES (?, ?, ?)').run(org, service, integration);
for (let i = 0; i < Number(accounts); i++)
  db.prepare('INSERT INTO vendor_accounts VALUES (?, ?, ?, ?)').run(org, id(), integration, `acct-${i}`);

const find = db.prepare(`SELECT k.vendor_hash, k.org_id, a.id AS account, s.id AS service FROM push_keys k
  LEFT JOIN vendor_accounts a ON a.org_id = k.org_id AND a.integration_id = k.integration_id AND a.vendor_id = ?
  LEFT JOIN services s ON s.org_id = k.org_id AND s.id = ? AND s.integration_id = k.integration_id WHERE k.partner_hash = ?`);
const add = db.prepare('INSERT INTO observations VALUES (?, ?, ?, ?, ?, NULL, 0, ?, ?, ?)');
const put = db.prepare(`INSERT INTO counts VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?)
  ON CONFLICT (org_id, service_id, account_id) DO UPDATE SET seq = excluded.seq, units = excluded.units,
  observed_at = excluded.observed_at, received_at = excluded.received_at, run_id = excluded.run_id`);
const begin = db.prepare('BEGIN IMMEDIATE'), commit = db.prepare('COMMIT');

let seq = Date.now() * 4096;
function store(row, units) {
  const now = Date.now() * 1000;
  add.run(row.org_id, row.service, row.account, ++seq, units, now, now, run);
  put.run(row.org_id, row.service, row.account, seq, units, now, now, run);
}

let waiting = [];
function flush() {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const w of group) store(w.row, w.units);
  commit.run();
  for (const w of group) w.done();
}
const storeGrouped = (row, units) => new Promise((done) => {
  if (waiting.push({ row, units, done }) === 1) setImmediate(flush);
});

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
const app = fastify();
app.post('/api/vendor-api/service/:service/count', async (request, reply) => {
  const [vendor, partner] = Buffer.from(request.headers['gradient-token'] ?? '', 'base64').toString().split(':');
  const { accountId, unitCount } = request.body;
  if (typeof accountId !== 'string' || !(unitCount >= 0)) return reply.code(400).send({ statusCode: 400, message: 'Bad request' });
  const row = find.get(accountId, request.params.service, sha(partner ?? ''));
  if (!row || !same(sha(vendor), row.vendor_hash)) return reply.code(401).send({ statusCode: 401, message: 'Unauthorized' });
  if (!row.account || !row.service) return reply.code(404).send({ statusCode: 404, message: 'Not found' });
  const units = Math.round(unitCount * 1e6);
  if (mode === 'grouped') {
    await storeGrouped(row, units);
  } else {
    begin.run();
    store(row, units);
    commit.run();
  }
  return reply.code(201).send({ status: 201, message: 'Billing created', data: {} });
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(app.server.address().port);
