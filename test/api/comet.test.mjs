// Comet Backup fetched: a server worked out by hand, three ways to group, errors inside of status 200, secrets left behind.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { jobDone, startServer, startSim, trueup } from "../lib/server.mjs";

let server;
before(async () => {
	server = await startServer();
});
after(() => server.stop());

const GB = 2 ** 30;
const done = (more = {}) => ({ LastSuccessfulBackupJob: { Status: 5000, EndTime: 1700000000, ...more } });
const secrets = { PasswordHash: "hash-never", TOTPKey: "totp-never" };
const users = {
	alice: {
		Username: "alice", AccountName: "Alice GmbH", OrganizationID: "", CreationGUID: "guid-alice", ...secrets,
		Devices: { d1: { FriendlyName: "SRV1" }, d2: { FriendlyName: "PC" }, d3: { FriendlyName: "registered only" } },
		Sources: {
			s1: { Engine: "engine1/windisk", OwnerDevice: "d1", EngineProps: { PASS: "props-never" }, Statistics: done({ TotalSize: 10 * GB }) },
			s2: { Engine: "engine1/winmsofficemail", OwnerDevice: "d1", Statistics: done({ TotalAccountsCount: 12 }) },
			s3: { Engine: "engine1/winmsofficemail", OwnerDevice: "d1", Statistics: done() },
			s4: { Engine: "engine1/windisk", OwnerDevice: "d1" },
			s5: { Engine: "engine1/file", OwnerDevice: "d2", Statistics: done({ TotalSize: 1 }) },
			s6: { Engine: "engine1/hyperv", OwnerDevice: "gone", Statistics: done({ TotalVmCount: 3 }) },
		},
		Destinations: {
			v1: { DestinationType: 1003, CometBucketKey: "bucket-never", Statistics: { ClientProvidedSize: { Size: 98765432100 } } },
			v2: { DestinationType: 1002, LocalcopyPath: "\\\\nas", Statistics: { ClientProvidedSize: { Size: 1 } } },
			v3: { DestinationType: 1000, S3SecretKey: "s3-never" },
		},
	},
	Alice: { Username: "Alice", AccountName: "Alice GmbH", OrganizationID: "org1", CreationGUID: "guid-Alice", Devices: {}, Sources: {}, Destinations: {} },
	"Müller \"&": {
		Username: "Müller \"&", AccountName: "", OrganizationID: "org1", CreationGUID: "guid-m", IsSuspended: true,
		Devices: { x: { Sources: { p: { Engine: "engine1/winmsofficemail", O365AccountCount: 5 } } } },
		Sources: { p: { Engine: "engine1/winmsofficemail", OwnerDevice: "x" }, q: { Engine: "engine1/brandnew", OwnerDevice: "x" } },
		Destinations: null,
	},
};
const fixture = (more = {}, settings = {}) => ({
	comet: {
		settings: { username: "admin", password: "comet-secret", ...settings },
		users,
		organizations: { org1: { Name: "First tenant" }, org2: { Name: "Empty tenant" } },
		buckets: { b1: { OrganizationID: "org1", ReadWriteKey: "rw-never", Size: { Size: 3 * GB } } },
		version: { Version: "25.9.6", AuthenticationRole: true, StorageRole: true },
		...more,
	},
});
const attempt = async (sim, set = {}) => {
	const all = { url: sim.url, username: "admin", password: "comet-secret", ...set };
	const words = Object.entries(all).flatMap(([k, v]) => ["--set", `${k}=${v}`]);
	return trueup(["vendor", "try", "comet", ...words, "--json"], { env: { TRUEUP_ALLOW_PRIVATE_REMOTES: "1" } });
};
const counts = (json, id) =>
	Object.fromEntries(Object.entries(json.accounts.find((a) => a.id === id).counts).filter(([, n]) => n !== "0"));

test("a server by hand: users, boosters, items, accounts, machines, storage", async (t) => {
	const sim = await startSim("comet", fixture());
	t.after(() => sim.kill());
	const { json, stdout, stderr } = await attempt(sim);
	assert.equal(stderr, "");
	assert.deepEqual(json.accounts.map((a) => [a.id, a.name]), [["guid-alice", "alice"], ["guid-Alice", "Alice"], ["guid-m", "Müller \"&"]]);
	assert.deepEqual(counts(json, "guid-alice"), {
		devices: "2",
		registered: "3",
		"booster:engine1/windisk": "1",
		"booster:engine1/winmsofficemail": "1",
		"items:engine1/windisk": "2",
		"items:engine1/winmsofficemail": "2",
		"items:engine1/file": "1",
		"items:engine1/hyperv": "1",
		office365: "12",
		"vms:engine1/hyperv": "3",
		"vault:comet:gb": "91.99",
		"vault:local:gb": "0.01",
		"protected:gb": "10.01",
	});
	assert.deepEqual(counts(json, "guid-Alice"), {});
	assert.equal(json.accounts[1].counts.devices, "0");
	assert.deepEqual(counts(json, "guid-m"), {
		devices: "1",
		registered: "1",
		"booster:engine1/winmsofficemail": "1",
		"booster:engine1/brandnew": "1",
		"items:engine1/winmsofficemail": "1",
		"items:engine1/brandnew": "1",
		office365: "5",
	});
	assert.equal(json.services["booster:engine1/windisk"], "Disk Image devices");
	assert.ok(!/never/.test(stdout));
	assert.equal((await (await fetch(`${sim.url}/_state`)).json()).sessions_revoked, 1);
	const terabytes = await attempt(sim, { storage_unit: "TB", count_suspended: "false" });
	assert.equal(terabytes.json.accounts[0].counts["vault:comet:tb"], "0.09");
	assert.deepEqual(counts(terabytes.json, "guid-m"), {});
});

test("grouped by tenant and by account name", async (t) => {
	const sim = await startSim("comet", fixture());
	t.after(() => sim.kill());
	const tenants = (await attempt(sim, { grouped_by: "tenants" })).json;
	assert.deepEqual(tenants.accounts.map((a) => [a.id, a.name]), [["org1", "First tenant"], ["org2", "Empty tenant"], ["top", "Top level"]]);
	assert.equal(counts(tenants, "org1")["bucket:gb"], "3");
	assert.equal(counts(tenants, "org1").devices, "1");
	assert.equal(counts(tenants, "top").devices, "2");
	assert.equal(tenants.accounts[1].counts.devices, "0");
	const names = (await attempt(sim, { grouped_by: "account_name" })).json;
	assert.deepEqual(names.accounts.map((a) => a.id), ["Alice GmbH", "Müller \"&"]);
	const one = await startSim("comet", fixture({ version: { StorageRole: false } }, { tenant_admin: true }));
	t.after(() => one.kill());
	const alone = (await attempt(one, { grouped_by: "tenants" })).json;
	assert.deepEqual(alone.accounts.map((a) => a.name), ["Top level", "org1"]);
});

test("wrong password, with status 200 and 403; a second factor; a session that ends; another server", async (t) => {
	for (const settings of [{}, { http_errors: true }, { second_factor: true }]) {
		const sim = await startSim("comet", fixture({}, settings));
		t.after(() => sim.kill());
		const got = await attempt(sim, settings.second_factor ? {} : { password: "other" });
		assert.equal(got.json.error, "unauthorized");
		assert.match(got.json.detail, /Authentication failed.*second factor/);
	}
	const short = await startSim("comet", fixture({}, { session_calls: 1 }));
	t.after(() => short.kill());
	assert.equal((await attempt(short, { grouped_by: "tenants" })).json.accounts.length, 3);
	await short.faults([{ match: { path: "list-users-full" }, do: "truncate", times: 1 }]);
	assert.match((await attempt(short)).json.detail, /list-users-full cannot be read: it is no whole JSON object/);
	await short.faults([{ match: { path: "list-users-full" }, do: "status", status: 429, retry_after: 1, times: 1 }]);
	assert.equal((await attempt(short)).json.accounts.length, 3);
	await short.faults([{ match: { path: "session-start" }, do: "status", status: 200, body: "<html>hello</html>", times: 1 }]);
	assert.match((await attempt(short)).json.detail, /Is .* a Comet Server/);
});

test("5,000 users at once", async (t) => {
	const profile = { ...users.alice, CreationGUID: undefined };
	const sim = await startSim("comet", fixture({ many: { repeat: 5000, profile } }));
	t.after(() => sim.kill());
	const { json } = await attempt(sim);
	assert.equal(json.accounts.length, 5003);
	assert.equal(json.accounts.reduce((n, a) => n + Number(a.counts.office365), 0), 5001 * 12 + 5);
});

test("through the server: connected beside its push, tested, read; a user who is gone is zero", async (t) => {
	const sim = await startSim("comet", fixture());
	t.after(() => sim.kill());
	const settings = { url: sim.url, username: "admin", password: "comet-secret" };
	const made = await server.api("POST", "/integrations", { vendor: "comet", settings });
	assert.equal(made.status, 201, made.text);
	const id = made.body.id;
	const tested = (await server.api("POST", `/integrations/${id}/test`)).body;
	assert.equal(tested.ok, true, JSON.stringify(tested));
	const sync = async () => jobDone(server, (await server.api("POST", `/integrations/${id}/sync`)).body.job);
	const look = async () => {
		const name = {};
		for (const kind of ["accounts", "services"])
			for (const x of (await server.api("GET", `/integrations/${id}/${kind}?limit=100`)).body.items) name[x.id] = x.name;
		const list = (await server.api("GET", `/integrations/${id}/observations?limit=1000`)).body.items;
		return Object.fromEntries(list.map((o) => [`${name[o.account]}/${name[o.service]}`, o.units]));
	};
	await sync();
	assert.equal((await look())["alice/Devices"], "2");
	assert.equal((await look())["Alice/Devices"], "0");
	await fetch(`${sim.url}/_edit`, { method: "POST", body: JSON.stringify({ id: "alice", delete: true }) });
	await sync();
	assert.equal((await look())["alice/Devices"], "0");
	assert.equal((await look())["alice/Office 365 accounts"], "0");
	assert.equal((await server.api("POST", "/integrations", { vendor: "comet" })).status, 201);
});
