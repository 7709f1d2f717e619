#!/usr/bin/env node
// test/releases/make.mjs NAME: keeps a store as this version of the program makes it, as test/releases/NAME.sql.gz, so that later
// versions are tried on it. Run once a release; what is kept is never made again.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { approve, cards, count, mapService, startFeed, startMsp, sync } from "../lib/msp.mjs";
import { run, TOP } from "../lib/server.mjs";

const UGLY = ["O'Brien & Söhne", '"quoted"', "a\\b", "Ünïcödé 株式会社 🦊", "100%_off", "x".repeat(200)];
const [name] = process.argv.slice(2);
if (!name || process.env.TRUEUP_TEST_DB) throw new Error("usage: test/releases/make.mjs NAME (on SQLite)");
const { server, sim } = await startMsp();
const feed = await startFeed(server, UGLY[0], [{ id: "A", name: "Northwind Dental" }, ...UGLY.map((n, i) => ({ id: `u${i}`, name: n }))], ["S"]);
await mapService(server, feed, "S", "CORO-EDR");
await count(server, feed, { A: { S: 5 }, u0: { S: "0.5" }, u1: { S: 0 } });
await sync(server, feed);
const open = await cards(server, "&kind=reconcile&state=open");
await approve(server, { ids: [open[0].id], note: UGLY[1] });
for (const n of UGLY) await server.api("POST", "/tags", { name: n.slice(0, 60), color: "#aabbcc" });
await server.api("POST", "/rules", { name: UGLY[3], minimum: "0.000001" });
await server.api("POST", "/users", { email: "bo@northwind.example", name: UGLY[0], role: "viewer" });
await server.pause();
const dump = await run("sqlite3", [join(server.dir, "trueup.db"), ".dump"]);
if (dump.status !== 0 || !dump.stdout.includes("COMMIT")) throw new Error(dump.stderr);
writeFileSync(join(TOP, "test/releases", `${name}.sql.gz`), gzipSync(dump.stdout, { level: 9 }));
await server.stop();
await sim.stop();
console.log(`${name}: ${dump.stdout.length} bytes of SQL`);
