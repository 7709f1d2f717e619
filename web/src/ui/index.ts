export { Button, ButtonLink, IconButton, Toggle, type Variant } from "./button";
export { cx } from "./cx";
export { Confirm, Dialog } from "./dialog";
export { Chip, Empty, ErrorNotice, errorText, Loading, Name, Notice, Progress, type Tone } from "./feedback";
export { Checkbox, Choices, DateField, type Option, SearchField, Select, Switch, TextField } from "./field";
export { Icon, type IconName } from "./icons";
export { Facts, PageHead, Panel, Scroller, Steps } from "./layout";
export { Menu, MenuGroup, MenuItem, MenuLine } from "./menu";
export { endToast, Toasts, toast, toastError } from "./toast";
