// The fail points of the program (src/base/failpoint.h): their names, as the source has them, and a file that arms one.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir, TOP } from "./server.mjs";

const CALL = /\bFAIL_(?:POINT|AFTER)\((?:[^;]|\n)*?"([a-z_]+\.[a-z_]+)"/g;

function sources(dir = join(TOP, "src")) {
	return readdirSync(dir, { withFileTypes: true }).flatMap((f) =>
		f.isDirectory() ? sources(join(dir, f.name)) : f.name.endsWith(".c") ? [join(dir, f.name)] : [],
	);
}

/** The points named in a text. */
export const namesIn = (text) => [...text.matchAll(CALL)].map((m) => m[1]);

/** All points whose name begins so. */
export const pointsOf = (start = "") => sources().flatMap((f) => namesIn(readFileSync(f, "utf8"))).filter((p) => p.startsWith(start));

/** {env, arm(point, kind, at), fired(), disarm()}: at most one point is armed at a time. */
export function armory() {
	const file = join(tempDir(), "fail");
	return {
		env: { TRUEUP_FAIL_FILE: file },
		arm: (point, kind, at = 1) => writeFileSync(file, `${point} ${kind} ${at}\n`),
		fired: () => (existsSync(`${file}.fired`) ? readFileSync(`${file}.fired`, "utf8").trim() : null),
		disarm: () => [file, `${file}.fired`].forEach((f) => rmSync(f, { force: true })),
	};
}
