// People: inviting by link, roles, letting somebody in or not.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { all, type ApiError, patch, post } from "../../api/client";
import { client, useMe } from "../../api/hooks";
import type { Role, User } from "../../api/types";
import { t } from "../../i18n";
import { time } from "../../lib/format";
import {
	Button,
	Chip,
	Choices,
	Confirm,
	CopyField,
	Dialog,
	ErrorNotice,
	IconButton,
	Loading,
	Menu,
	MenuItem,
	Name,
	Panel,
	Select,
	TextField,
	toast,
	toastError,
} from "../../ui";

type Invited = { user: User; link: string; expires_at: string };

const ROLES: Role[] = ["viewer", "approver", "admin"];
export const roleOptions = () =>
	ROLES.map((id) => ({ id, label: t(`role.${id}`), detail: t(`settings.role_detail.${id}`) }));

const reload = () => client.invalidateQueries({ queryKey: ["users"] });

function LinkDialog({ made, onClose }: { made: Invited; onClose: () => void }) {
	return (
		<Dialog
			title={t("settings.link_title", { name: made.user.name || made.user.email })}
			isOpen
			onClose={onClose}
			footer={
				<Button variant="primary" onPress={onClose}>
					{t("action.close")}
				</Button>
			}
		>
			<div className="stack">
				<p className="muted">{t("settings.link_text", { when: time(made.expires_at) })}</p>
				<CopyField label={t("settings.link")} value={made.link} />
			</div>
		</Dialog>
	);
}

function Invite({ onClose, onMade }: { onClose: () => void; onMade: (made: Invited) => void }) {
	const [email, setEmail] = useState("");
	const [name, setName] = useState("");
	const [role, setRole] = useState<Role>("approver");
	const invite = useMutation({
		mutationFn: () => post<Invited>("/users", { email, name: name.trim() || undefined, role }),
		onSuccess: (made) => {
			reload();
			onMade(made);
		},
	});
	const error = invite.error as ApiError | null;
	return (
		<Dialog
			title={t("settings.invite")}
			isOpen
			onClose={onClose}
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button variant="primary" onPress={() => invite.mutate()} isPending={invite.isPending} isDisabled={!email}>
						{t("settings.invite_do")}
					</Button>
				</>
			}
		>
			<div className="form">
				{error && error.errors.length === 0 && <ErrorNotice error={error} />}
				<TextField
					label={t("signin.email")}
					type="email"
					value={email}
					onChange={setEmail}
					error={error?.at("/email")}
					autoFocus
				/>
				<TextField
					label={`${t("people.name")} (${t("field.optional")})`}
					value={name}
					onChange={setName}
					error={error?.at("/name")}
				/>
				<Choices label={t("settings.role")} value={role} onChange={setRole} options={roleOptions()} />
			</div>
		</Dialog>
	);
}

function Person({ user, isMe, onLink }: { user: User; isMe: boolean; onLink: (made: Invited) => void }) {
	const [asking, setAsking] = useState(false);
	const path = `/users/${encodeURIComponent(user.id)}`;
	const change = useMutation({
		mutationFn: (body: object) => patch(path, body),
		onSuccess: () => {
			setAsking(false);
			toast(t("action.saved"));
			return reload();
		},
		onError: toastError,
	});
	const link = useMutation({ mutationFn: () => post<Invited>(`${path}/link`), onSuccess: onLink, onError: toastError });
	const name = user.name || user.email;
	const disabled = user.state === "disabled";
	return (
		<li className="person">
			<span className="avatar" aria-hidden="true">
				{[...name][0]?.toUpperCase()}
			</span>
			<span className="grow">
				<span className="row">
					<Name className="strong">{name}</Name>
					{isMe && <Chip tone="accent">{t("settings.you_mark")}</Chip>}
					{user.state !== "active" && (
						<Chip tone={disabled ? "neutral" : "warn"}>{t(`settings.user_state.${user.state}`)}</Chip>
					)}
				</span>
				<Name className="small muted">{user.email}</Name>
			</span>
			<Select
				label={t("settings.role_of", { name })}
				hideLabel
				className="person-role"
				value={user.role}
				onChange={(role) => change.mutate({ role })}
				options={roleOptions()}
				isDisabled={isMe || disabled}
			/>
			<Menu
				aria-label={t("settings.user_actions", { name })}
				trigger={<IconButton icon="more" label={t("settings.user_actions", { name })} />}
			>
				<MenuItem icon="link" onAction={() => link.mutate()} isDisabled={disabled}>
					{t("settings.new_link")}
				</MenuItem>
				{disabled ? (
					<MenuItem icon="check" onAction={() => change.mutate({ disabled: false })}>
						{t("settings.enable")}
					</MenuItem>
				) : (
					<MenuItem icon="ban" danger isDisabled={isMe} onAction={() => setAsking(true)}>
						{t("settings.disable")}
					</MenuItem>
				)}
			</Menu>
			<Confirm
				title={t("settings.disable_title", { name })}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => change.mutate({ disabled: true })}
				isPending={change.isPending}
				action={t("settings.disable")}
			>
				<p>{t("settings.disable_text")}</p>
			</Confirm>
		</li>
	);
}

export function People() {
	const me = useMe().data;
	const users = useQuery({ queryKey: ["users"], queryFn: () => all<User>("/users") });
	const [inviting, setInviting] = useState(false);
	const [made, setMade] = useState<Invited | null>(null);
	return (
		<Panel
			title={t("settings.tab.people")}
			text={t("settings.people_text")}
			actions={
				<Button variant="primary" icon="plus" onPress={() => setInviting(true)}>
					{t("settings.invite")}
				</Button>
			}
		>
			{users.error ? (
				<ErrorNotice error={users.error} onRetry={() => users.refetch()} />
			) : users.data ? (
				<ul className="people">
					{users.data.map((u) => (
						<Person key={u.id} user={u} isMe={u.id === me?.user?.id} onLink={setMade} />
					))}
				</ul>
			) : (
				<Loading />
			)}
			{inviting && (
				<Invite
					onClose={() => setInviting(false)}
					onMade={(m) => {
						setInviting(false);
						setMade(m);
					}}
				/>
			)}
			{made && <LinkDialog made={made} onClose={() => setMade(null)} />}
		</Panel>
	);
}
