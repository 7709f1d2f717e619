export function Logo({ size = 26 }: { size?: number }) {
	return (
		<svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
			<rect width="32" height="32" rx="8" className="logo-ground" />
			<path d="M8 12h16M8 20h10" className="logo-lines" strokeWidth="3" strokeLinecap="round" />
			<path
				d="m19.500 19.800 2.500 2.700 4.500-5"
				className="logo-tick"
				fill="none"
				strokeWidth="3"
				strokeLinecap="round"
				strokeLinejoin="round"
			/>
		</svg>
	);
}
