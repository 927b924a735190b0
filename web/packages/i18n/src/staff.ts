// Texts of the staff app beside those of matters and requests: rules and figures, and what follows a decision.
import "./matters";
import { lateTexts } from "./late";
import office from "./office.zh-CN.json";
import zh from "./staff.zh-CN.json";

lateTexts(zh, () => import("./staff.en.json"));
lateTexts(office, () => import("./office.en.json"));
