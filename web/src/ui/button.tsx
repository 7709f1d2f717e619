import type { ReactNode } from "react";
import {
	Button as AriaButton,
	type ButtonProps as AriaButtonProps,
	Link as AriaLink,
	type LinkProps as AriaLinkProps,
	ToggleButton as AriaToggle,
	type ToggleButtonProps,
	Tooltip,
	TooltipTrigger,
} from "react-aria-components";
import { cx } from "./cx";
import { Icon, type IconName } from "./icons";

export type Variant = "primary" | "secondary" | "quiet" | "danger" | "fresh";
type Look = { variant?: Variant; size?: "small" | "medium"; icon?: IconName; className?: string; children?: ReactNode };

const lookOf = ({ variant = "secondary", size = "medium", className }: Look) =>
	cx("button", `button-${variant}`, size === "small" && "button-small", className);

/** While `isPending`, the button keeps its width, says so to screen readers, and takes no press. */
export function Button({
	variant,
	size,
	icon,
	className,
	children,
	...rest
}: Omit<AriaButtonProps, keyof Look> & Look) {
	return (
		<AriaButton {...rest} className={lookOf({ variant, size, className } as Look)}>
			{rest.isPending ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} size={16} />}
			{children !== undefined && <span className="button-label">{children}</span>}
		</AriaButton>
	);
}

/** Only an icon; `label` is its name and its tooltip. */
export function IconButton({
	icon,
	label,
	variant = "quiet",
	size,
	className,
	...rest
}: Omit<AriaButtonProps, keyof Look> & Look & { icon: IconName; label: string }) {
	return (
		<TooltipTrigger delay={500}>
			<AriaButton
				{...rest}
				aria-label={label}
				className={cx(lookOf({ variant, size, className } as Look), "button-icon")}
			>
				{rest.isPending ? <span className="spinner" aria-hidden="true" /> : <Icon name={icon} size={18} />}
			</AriaButton>
			<Tooltip className="tooltip" offset={6}>
				{label}
			</Tooltip>
		</TooltipTrigger>
	);
}

/** A link that looks like a button. */
export function ButtonLink({
	variant,
	size,
	icon,
	className,
	children,
	...rest
}: Omit<AriaLinkProps, keyof Look> & Look) {
	return (
		<AriaLink {...rest} className={lookOf({ variant, size, className } as Look)}>
			{icon && <Icon name={icon} size={16} />}
			<span className="button-label">{children}</span>
		</AriaLink>
	);
}

export function Toggle({
	icon,
	children,
	className,
	...rest
}: ToggleButtonProps & { icon?: IconName; children?: ReactNode }) {
	return (
		<AriaToggle {...rest} className={cx("button button-secondary button-toggle", className as string | undefined)}>
			{icon && <Icon name={icon} size={16} />}
			{children !== undefined && <span className="button-label">{children}</span>}
		</AriaToggle>
	);
}
