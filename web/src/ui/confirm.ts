import { later } from "./later";

/** Confirm, for a page that is complete without it. */
export const LaterConfirm = later(() => import("./dialog").then((m) => m.Confirm));
