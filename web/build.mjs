// Builds the web UI and turns it into sources that the program embeds.
//
//   node build.mjs OUT [DEPFILE]
//
// OUT receives site/ (files with a content hash in their name, index.html, and a .gz of each that gains by it),
// web_assets.S (the bytes) and web_assets.c (the table of src/api/asset.h). DEPFILE tells Ninja what was read. Packages
// are installed from the lock file when it has changed since the last time, and never otherwise.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));
const [outArg = join(HERE, "dist"), depfile] = process.argv.slice(2);
const OUT = resolve(outArg);
const SITE = join(OUT, "site");
const LOCK_MS = 300000;

const TYPES = {
	html: "text/html; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	css: "text/css; charset=utf-8",
	svg: "image/svg+xml",
	txt: "text/plain; charset=utf-8",
};

const sha = (data) => createHash("sha256").update(data).digest("hex");

/** Runs `work` while no other build does: two build folders may share one node_modules. */
function locked(work) {
	const lock = join(HERE, ".install-lock");
	const deadline = Date.now() + LOCK_MS;
	for (;;) {
		try {
			mkdirSync(lock);
			break;
		} catch (error) {
			if (error.code !== "EEXIST") throw error;
			const age = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
			if (age > LOCK_MS) rmSync(lock, { recursive: true, force: true });
			else if (Date.now() > deadline) throw new Error(`another install holds ${lock}`);
			else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
		}
	}
	try {
		work();
	} finally {
		rmdirSync(lock);
	}
}

function install() {
	const stamp = join(HERE, "node_modules", ".installed");
	const want = sha(readFileSync(join(HERE, "package-lock.json")));
	const have = () => existsSync(stamp) && readFileSync(stamp, "utf8") === want;
	if (have()) return;
	locked(() => {
		if (have()) return;
		console.log("web: npm ci");
		execFileSync("npm", ["ci", "--ignore-scripts", "--loglevel=error"], {
			cwd: HERE,
			stdio: ["ignore", "inherit", "inherit"],
		});
		writeFileSync(stamp, want);
	});
}

/** The component library speaks 34 languages; ours are enough. The others come as nothing, and it falls back to English. */
const ourLanguages = {
	name: "our-languages",
	setup(build) {
		build.onLoad({ filter: /[\\/]intl[\\/].*[a-z]{2}-[A-Z]{2}\.m?js$/ }, ({ path }) =>
			/(en-US|de-DE)\.m?js$/.test(path) ? null : { contents: "export default {};" },
		);
	},
};

/** Where each name of a file that only passes names on comes from: name -> {from, name}. */
function passedOn(file) {
	const text = readFileSync(file, "utf8");
	const here = (from) => (from.startsWith(".") ? resolve(dirname(file), from) : from);
	const parts = (list) =>
		list.split(",").map((part) =>
			part
				.trim()
				.replace(/^type /, "")
				.split(" as "),
		);
	const local = new Map();
	const names = new Map();
	for (const [, list, from] of text.matchAll(/^import \{([^}]*)\} from "([^"]+)";/gm))
		for (const [name, as = name] of parts(list)) local.set(as, { from: here(from), name });
	for (const [, list, from] of text.matchAll(/^export \{([^}]*)\}(?: from "([^"]+)")?;/gm))
		for (const [name, as = name] of parts(list)) names.set(as, from ? { from: here(from), name } : local.get(name));
	return names;
}

/**
 * Imports of such a file become imports of what is behind it. Otherwise the bundler takes all that any page uses of it
 * for one piece, and the first page carries it.
 */
const direct = {
	name: "direct",
	setup(build) {
		const library = passedOn(join(HERE, "node_modules/react-aria-components/dist/exports/index.mjs"));
		const own = passedOn(join(HERE, "src/ui/index.ts"));
		const line = (names, file) => (part) => {
			const [name, as = name] = part.split(" as ");
			const found = names.get(name);
			if (!found) throw new Error(`${file}: nothing is called ${name}`);
			return `import { ${found.name} as ${as} } from ${JSON.stringify(found.from)};`;
		};
		build.onLoad({ filter: /[\\/]web[\\/]src[\\/].*\.tsx?$/ }, ({ path }) => ({
			loader: path.endsWith("x") ? "tsx" : "ts",
			contents: readFileSync(path, "utf8").replace(
				/^import \{([^}]*)\} from "(react-aria-components|(?:\.\.?\/)+ui)";/gm,
				(_, list, from) =>
					list
						.split(",")
						.map((part) => part.trim())
						.filter((part) => part && !part.startsWith("type "))
						.map(line(from === "react-aria-components" ? library : own, path))
						.join(""),
			),
		}));
	},
};

/** {name, data} of every file of the site, index.html last; and what was read to make them. */
async function bundle() {
	const { build } = await import("esbuild");
	const common = {
		absWorkingDir: HERE,
		bundle: true,
		minify: true,
		write: false,
		metafile: true,
		outdir: SITE,
		entryNames: "[name]-[hash]",
		target: ["es2022"],
		plugins: [ourLanguages, direct],
		charset: "utf8",
		legalComments: "none",
		logLevel: "warning",
	};
	const app = {
		...common,
		entryPoints: { app: "src/main.tsx" },
		format: "esm",
		jsx: "automatic",
		define: { "process.env.NODE_ENV": '"production"' },
	};
	// A page's script comes when the page is opened. All style is one small file, so that no page is ever without.
	const main = await build({
		...app,
		splitting: true,
		chunkNames: "[name]-[hash]",
		loader: { ".css": "empty" },
	});
	checkWords(main.metafile);
	const style = await build({ ...app, splitting: false });
	style.outputFiles = style.outputFiles.filter((f) => f.path.endsWith(".css"));
	// Runs before the first paint, so that a chosen appearance never flashes the other one.
	const boot = await build({ ...common, entryPoints: { boot: "src/boot.ts" }, format: "iife" });
	const results = [main, style, boot];
	const files = results.flatMap((r) =>
		r.outputFiles.map((f) => ({ name: relative(SITE, f.path), data: Buffer.from(f.contents) })),
	);
	const named = (pattern) => files.find((f) => pattern.test(f.name))?.name;
	const icon = readFileSync(join(HERE, "icon.svg"));
	const iconName = `icon-${sha(icon).slice(0, 8).toUpperCase()}.svg`;
	files.push({ name: iconName, data: icon });
	const html = readFileSync(join(HERE, "index.html"), "utf8")
		.replace("{{icon}}", iconName)
		.replace("{{boot}}", named(/^boot-.*\.js$/))
		.replace("{{style}}", named(/^app-.*\.css$/))
		.replace("{{app}}", named(/^app-.*\.js$/))
		.replace(
			"{{chunks}}",
			firstChunks(main.metafile)
				.map((f) => `<link rel="modulepreload" href="${f}">`)
				.join("\n"),
		);
	files.push({ name: "index.html", data: Buffer.from(html) });
	const read = results.flatMap((r) => Object.keys(r.metafile.inputs)).filter((f) => !f.includes("node_modules"));
	return { files, read: [...read, "index.html", "icon.svg", "build.mjs", "package.json", "package-lock.json"] };
}

/** What the first script needs at once: asked for with it, not after it. */
function firstChunks({ outputs }) {
	const [, first] = Object.entries(outputs).find(([, o]) => o.entryPoint === "src/main.tsx");
	return first.imports.filter((i) => i.kind === "import-statement").map((i) => relative(SITE, resolve(HERE, i.path)));
}

const KEY = /^\t"([a-z_]+\.[\w.]+)":/gm;
const USES = /"([a-z_]+\.[\w.]+)"|`([a-z_]+\.[\w.]*)\$\{|word\("([a-z_.]+)"/g;

/** The English words that a file of sources asks for, as far as they are written out: whole names, and beginnings of names. */
function wordsOf(text, keys) {
	const used = new Set();
	for (const [, whole, begin, prefix] of text.matchAll(USES)) {
		if (whole !== undefined && keys.has(whole)) used.add(whole);
		const start = begin ?? (prefix && `${prefix}.`);
		if (start) for (const key of keys.keys()) if (key.startsWith(start)) used.add(key);
	}
	return used;
}

/** Every script that is loaded by itself brings the words it uses: a part of the catalogue that is missing ends the build. */
function checkWords({ inputs, outputs }) {
	const text = new Map();
	const read = (file) => {
		if (!text.has(file)) text.set(file, readFileSync(join(HERE, file), "utf8"));
		return text.get(file);
	};
	const isPart = (file) => file.startsWith("src/i18n/");
	const keys = new Map();
	for (const name of readdirSync(join(HERE, "src/i18n/en")))
		for (const [, key] of read(`src/i18n/en/${name}`).matchAll(KEY)) keys.set(key, `src/i18n/en/${name}`);
	const closure = (file, found = new Set()) => {
		if (found.has(file) || !file.startsWith("src/")) return found;
		found.add(file);
		for (const i of inputs[file].imports) if (i.kind === "import-statement") closure(i.path, found);
		return found;
	};
	const first = closure("src/main.tsx");
	const missing = new Map();
	for (const { entryPoint } of Object.values(outputs)) {
		if (!entryPoint?.startsWith("src/")) continue;
		const files = closure(entryPoint);
		for (const file of [...files].filter((f) => !isPart(f)))
			for (const key of wordsOf(read(file), keys)) {
				const part = keys.get(key);
				if (!files.has(part) && !first.has(part))
					missing.set(`${entryPoint} lacks ${part}`, `, as for ${key} in ${file}`);
			}
	}
	const lines = [...missing].map((pair) => pair.join(""));
	if (lines.length) throw new Error(`words that a page would not have:\n${lines.join("\n")}`);
}

const bytesOf = (label, file) =>
	`\t.balign 16\n\t.globl ${label}\n${label}:\n\t.incbin "${file}"\n\t.globl ${label}_end\n${label}_end:\n\t.byte 0\n`;

/** Writes site/, the bytes as assembly, and their table as C. */
function emit(files) {
	rmSync(SITE, { recursive: true, force: true });
	mkdirSync(SITE, { recursive: true });
	let assembly = "\t.section .rodata\n";
	let externs = "";
	let rows = "";
	files.forEach((f, i) => {
		const label = `web_asset_${i}`;
		const path = join(SITE, f.name);
		const gz = gzipSync(f.data, { level: 9 });
		// The page itself is put together when it is asked for (its base path), so it is kept as it is.
		const zip = f.name !== "index.html" && gz.length < f.data.length;
		writeFileSync(path, f.data);
		assembly += bytesOf(label, path);
		externs += `extern const unsigned char ${label}[], ${label}_end[];\n`;
		if (zip) {
			writeFileSync(`${path}.gz`, gz);
			assembly += bytesOf(`${label}_gz`, `${path}.gz`);
			externs += `extern const unsigned char ${label}_gz[], ${label}_gz_end[];\n`;
		}
		const type = TYPES[f.name.split(".").pop()];
		if (!type) throw new Error(`no content type for ${f.name}`);
		const zipped = zip ? `${label}_gz, ${label}_gz_end` : "0, 0";
		rows += `\t{ "${f.name}", "${type}", "\\"${sha(f.data).slice(0, 32)}\\"", ${label}, ${label}_end, ${zipped} },\n`;
	});
	assembly += '\t.section .note.GNU-stack,"",%progbits\n';
	writeFileSync(join(OUT, "web_assets.S"), assembly);
	writeFileSync(
		join(OUT, "web_assets.c"),
		`/* Made by web/build.mjs: the files of the web UI. */\n#include "api/asset.h"\n\n${externs}\nconst struct asset assets[] = {\n${rows}\t{ 0 }\n};\n`,
	);
}

function writeDepfile(read) {
	const paths = read.map((f) => resolve(HERE, f).replaceAll(" ", "\\ "));
	writeFileSync(depfile, `${join(outArg, "web_assets.S")} ${join(outArg, "web_assets.c")}: ${paths.join(" ")}\n`);
}

install();
const { files, read } = await bundle();
emit(files);
if (depfile) writeDepfile([...new Set(read)]);
