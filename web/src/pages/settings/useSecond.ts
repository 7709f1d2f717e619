import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";

export type State = { on: boolean; pending: boolean; recovery_codes_left: number; overdue: boolean };

export const useSecond = (enabled = true) =>
	useQuery({ queryKey: ["second"], queryFn: () => get<State>("/me/second-factor"), enabled });
