// A table as a file: what it holds, in each of the two formats. The browser fetches it, with every row the filters let
// through and not only those that are shown.
import { apiPath, type Query } from "../api/client";
import { t } from "../i18n";
import { Button, IconButton } from "./button";
import { Menu, MenuGroup, MenuItem } from "./menu";

/** `path` without its ending, as for get(). */
export type ExportFile = { title: string; path: string; query?: Query };

const FORMATS = ["csv", "xlsx"] as const;

export function ExportMenu({
	label,
	files,
	size = "small",
	iconOnly = false,
}: {
	label: string;
	files: ExportFile[];
	size?: "small" | "medium";
	/** Where there is no room for the word. */
	iconOnly?: boolean;
}) {
	return (
		<Menu
			aria-label={label}
			trigger={
				iconOnly ? (
					<IconButton icon="download" label={label} />
				) : (
					<Button size={size} icon="download" aria-label={label}>
						{t("action.export")}
					</Button>
				)
			}
		>
			{files.map((f) => (
				<MenuGroup key={`${f.title} ${f.path}`} title={f.title}>
					{FORMATS.map((format) => (
						<MenuItem
							key={format}
							id={`${f.title} ${f.path} ${format}`}
							href={apiPath(`${f.path}.${format}`, f.query)}
							download=""
							icon="download"
						>
							{format.toUpperCase()}
						</MenuItem>
					))}
				</MenuGroup>
			))}
		</Menu>
	);
}
