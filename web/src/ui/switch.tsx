import type { ReactNode } from "react";
import { Switch as AriaSwitch, type SwitchProps } from "react-aria-components";

export function Switch({ children, ...rest }: Omit<SwitchProps, "children"> & { children?: ReactNode }) {
	return (
		<AriaSwitch {...rest} className="switch">
			<span className="switch-track" aria-hidden="true">
				<span className="switch-thumb" />
			</span>
			<span>{children}</span>
		</AriaSwitch>
	);
}
