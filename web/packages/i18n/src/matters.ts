// Texts of the pages about matters and certificates. They come with those pages, so that the first page stays small.
import { lateTexts } from "./late";
import zh from "./matters.zh-CN.json";

lateTexts(zh, () => import("./matters.en.json"));
