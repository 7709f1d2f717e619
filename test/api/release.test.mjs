// Nothing that helps tests to break the program is in what people install: the files that hold fail points are compiled
// once more as a release is, and their objects are searched for the points' names and for the function behind them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BUILD, tempDir } from "../lib/server.mjs";
import { namesIn } from "../lib/failpoint.mjs";
import { measured } from "../lib/measured.mjs";

test("fail points are in the test build, and neither name nor function in a release", () => {
	const rows = JSON.parse(readFileSync(join(BUILD, "compile_commands.json"), "utf8"));
	const dir = tempDir();
	let searched = 0;
	for (const row of rows.filter((r) => r.output.startsWith("libproduct.a.p/"))) {
		const source = readFileSync(join(row.directory, row.file), "utf8");
		const names = namesIn(source);
		if (!names.length) continue;
		const own = readFileSync(join(row.directory, row.output)).toString("latin1");
		assert.ok(own.includes("fail_after") && names.every((n) => own.includes(n)), `${row.file}: not a build for tests`);
		const object = join(dir, "release.o");
		const words = row.command.split(" ").filter((w) => !/^-(?:DTRUEUP_FAIL_POINTS|fsanitize.*|MD|g|O0)$/.test(w));
		const clean = [];
		for (let i = words[0].endsWith("ccache") ? 1 : 0; i < words.length; i++) {
			if (["-MQ", "-MF", "-o"].includes(words[i])) i++;
			else clean.push(words[i].replaceAll("'", ""));
		}
		execFileSync(clean[0], [...clean.slice(1), "-O1", "-o", object], { cwd: row.directory });
		const symbols = execFileSync("nm", [object], { encoding: "utf8" });
		const texts = execFileSync("strings", ["-a", object], { encoding: "utf8" });
		assert.doesNotMatch(symbols, /fail_after/, row.file);
		for (const n of names) assert.ok(!texts.includes(n), `${row.file}: ${n}`);
		searched += names.length;
	}
	assert.ok(searched >= 40, `only ${searched} names were looked for`);
	measured("failpoints_absent", searched);
});
