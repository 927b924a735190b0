// Texts that only the staff app has: rules and figures, and what follows a decision.
import { lateTexts } from "./late";
import office from "./office.zh-CN.json";
import zh from "./staff.zh-CN.json";

lateTexts(zh, () => import("./staff.en.json"));
lateTexts(office, () => import("./office.en.json"));
