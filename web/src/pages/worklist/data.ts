import { useQuery } from "@tanstack/react-query";
import { all } from "../../api/client";

/** An approved change that a person makes in the PSA. */
export type Item = {
	id: string;
	batch: string;
	account: string;
	contract: string | null;
	product: string;
	from: string | null;
	to: string;
	effective_date: string | null;
	steps: string | null;
	note: string | null;
	approved_by: string | null;
	approved_at: string | null;
};

/** What approving adds and a reading of the PSA takes off: looked at again with the cards. */
export const useWorklist = () => useQuery({ queryKey: ["cards", "worklist"], queryFn: () => all<Item>("/worklist") });
