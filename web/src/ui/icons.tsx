// Line icons, drawn for a 20 px box; always next to words or with a label on what holds them.
const PATHS = {
	check: "m4.500 10.500 3.500 3.500 7.500-8",
	x: "m5.500 5.500 9 9m0-9-9 9",
	dash: "M5 10h10",
	plus: "M10 4.500v11M4.500 10h11",
	search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11Zm4-1.500 3.500 3.500",
	refresh: "M15.500 8A6 6 0 1 0 16 11.500M15.500 4v4h-4",
	filter: "M3.500 5h13l-5 6v4.500l-3-1.500v-3l-5-6Z",
	down: "m5.500 8 4.500 4.500L14.500 8",
	right: "m8 5.500 4.500 4.500L8 14.500",
	left: "m12 5.500L7.500 10l4.500 4.500",
	arrowUp: "M10 15.500v-11m-4 4 4-4 4 4",
	arrowDown: "M10 4.500v11m4-4-4 4-4-4",
	arrow: "M4.500 10h11m-4-4 4 4-4 4",
	dashboard: "M3.500 3.500h5.500v7H3.500zM11 3.500h5.500v4H11zM11 9.500h5.500v7H11zM3.500 12.500h5.500v4H3.500z",
	plug: "M7 3v4m6-4v4M5.500 7h9v3a4.500 4.500 0 0 1-9 0V7Zm4.500 7.500V17",
	unplug: "M7 3v4m6-4v4M5.500 7h9v3a4.500 4.500 0 0 1-9 0V7Zm4.500 7.500V17M3 3l14 14",
	mapping: "M3 5h4.500l5 10H17M3 15h4.500l1.500-3M11 8l1.500-3H17",
	sync: "M4 8.500a6 6 0 0 1 10.500-2.500L16 7.500M16 4v3.500h-3.500M16 11.500a6 6 0 0 1-10.500 2.500L4 12.500M4 16v-3.500h3.500",
	activity: "M4 5.500h12M4 10h12M4 14.500h8",
	settings: "M4 6h6m4 0h2M4 14h2m4 0h6M12 4v4M8 12v4",
	user: "M10 10a3.200 3.200 0 1 0 0-6.400A3.200 3.200 0 0 0 10 10Zm-6 6.500c.6-3 3-4.500 6-4.500s5.400 1.500 6 4.500",
	warning: "M10 3.500 17.500 16h-15L10 3.500Zm0 5v3.500m0 1.800v.2",
	bell: "M5 13.500V9.500a5 5 0 0 1 10 0v4l1.500 1.500h-13zM8.500 17h3",
	info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm0-7.500v4m0-6.800v.2",
	copy: "M7.500 7.500h8v8.500h-8zM12.500 7.500V4h-8v8.500h3",
	download: "M10 3.500v9m-4-4 4 4 4-4M4 16.500h12",
	upload: "M10 12.500v-9m-4 4 4-4 4 4M4 16.500h12",
	external: "M8 5H4.500v10.500H15V12M11.500 4H16v4.500M16 4l-7 7",
	more: "M5 10h.01M10 10h.01M15 10h.01",
	grip: "M8 5h.01M12 5h.01M8 10h.01M12 10h.01M8 15h.01M12 15h.01",
	calendar: "M4 5.500h12v11H4zM4 9h12M7.500 3.500v3.500m5-3.500v3.500",
	cards: "M3.500 4.500h13v4h-13zM3.500 11.500h13v4h-13z",
	list: "M7 5.500h9M7 10h9M7 14.500h9M4 5.500h.01M4 10h.01M4 14.500h.01",
	ban: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM5 5l10 10",
	undo: "M7.500 5 4 8.500 7.500 12M4 8.500h8a4 4 0 0 1 0 8H9",
	spark: "M10 3v4m0 6v4M3 10h4m6 0h4M5.500 5.500l2 2m5 5 2 2m0-9-2 2m-5 5-2 2",
	trash: "M4 6h12M8 6V4h4v2M5.500 6l.7 10.500h7.600L14.500 6",
	key: "M12.500 11a4 4 0 1 0-3.800-2.800L3.500 13.500v3h3v-2h2v-2l1-1a4 4 0 0 0 3 .5Zm.5-4.500h.01",
	note: "M4.500 3.500h11v9l-4 4h-7zM11.500 16.500v-4h4",
	history: "M4 10a6 6 0 1 0 2-4.500L4 7.500M4 4v3.500h3.500M10 6.500V10l2.500 2",
	tag: "M3.500 3.500h6l7 7-6 6-7-7zM7 7h.01",
	link: "M8.500 11.500a3 3 0 0 0 4.200 0l2.600-2.600a3 3 0 0 0-4.200-4.200l-1 1M11.500 8.500a3 3 0 0 0-4.200 0l-2.600 2.600a3 3 0 0 0 4.200 4.200l1-1",
} as const;

export type IconName = keyof typeof PATHS;

const DOTS: IconName[] = ["more", "grip"];

export function Icon({ name, size = 20, className }: { name: IconName; size?: number; className?: string }) {
	return (
		<svg
			className={className ? `icon ${className}` : "icon"}
			width={size}
			height={size}
			viewBox="0 0 20 20"
			fill="none"
			stroke="currentColor"
			strokeWidth={DOTS.includes(name) ? 2.4 : 1.6}
			strokeLinecap="round"
			strokeLinejoin="round"
			aria-hidden="true"
			focusable="false"
		>
			<path d={PATHS[name]} />
		</svg>
	);
}
