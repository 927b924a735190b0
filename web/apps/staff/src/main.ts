import "@yiwang/ui/tokens.css";
import "@yiwang/ui/base.css";
import "@yiwang/ui/staff.css";
import { i18n, initLocale } from "@yiwang/i18n";
import "@yiwang/i18n/staff.ts";
import { elder, setElder } from "@yiwang/ui";
import { createApp, nextTick } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import { loadSession, session } from "@yiwang/shell";

const router = createRouter({
  history: createWebHistory("/staff/"),
  routes: [
    { path: "/", component: () => import("./pages/InboxPage.vue"), meta: { staff: true } },
    { path: "/unit", component: () => import("./pages/InboxPage.vue"), props: { scope: "department" }, meta: { staff: true } },
    { path: "/cases/:id", component: () => import("./pages/CasePage.vue"), meta: { staff: true } },
    { path: "/requests", component: () => import("./pages/RequestsPage.vue"), meta: { staff: true } },
    { path: "/requests/figures", component: () => import("./pages/RequestFiguresPage.vue"), meta: { staff: true } },
    { path: "/requests/watch", component: () => import("./pages/RequestWatchPage.vue"), meta: { staff: true } },
    { path: "/requests/projects", component: () => import("./pages/ProjectsPage.vue"), meta: { staff: true } },
    { path: "/requests/projects/:id", component: () => import("./pages/ProjectPage.vue"), meta: { staff: true } },
    { path: "/requests/map", component: () => import("./pages/RequestMapPage.vue"), meta: { staff: true } },
    { path: "/requests/search", component: () => import("./pages/RequestSearchPage.vue"), meta: { staff: true } },
    { path: "/requests/import", component: () => import("./pages/ImportPage.vue"), meta: { staff: true } },
    { path: "/requests/take", component: () => import("./pages/TakePage.vue"), meta: { staff: true } },
    { path: "/counter", component: () => import("./pages/CounterPage.vue"), meta: { staff: true } },
    { path: "/matters", redirect: "/matters/figures" },
    { path: "/matters/credit", component: () => import("./pages/CreditPage.vue"), meta: { staff: true } },
    { path: "/matters/checks", component: () => import("./pages/ChecksPage.vue"), meta: { staff: true } },
    { path: "/matters/deliveries", component: () => import("./pages/DeliveriesPage.vue"), meta: { staff: true } },
    { path: "/matters/certificates", component: () => import("./pages/CertificatesPage.vue"), meta: { staff: true } },
    { path: "/matters/archive", component: () => import("./pages/ArchivePage.vue"), meta: { staff: true } },
    { path: "/matters/drafts", component: () => import("./pages/DraftsPage.vue"), meta: { staff: true } },
    { path: "/matters/drafts/:matter/:draft", component: () => import("./pages/DraftPage.vue"), meta: { staff: true } },
    { path: "/matters/figures", component: () => import("./pages/MatterFiguresPage.vue"), meta: { staff: true } },
    { path: "/board", component: () => import("./pages/BoardPage.vue"), meta: { staff: true } },
    { path: "/decisions", component: () => import("./pages/DecisionsPage.vue"), meta: { staff: true } },
    { path: "/decisions/:type/:id", component: () => import("./pages/DecisionPage.vue"), meta: { staff: true } },
    { path: "/sign-in", component: () => import("@yiwang/shell/SignInPage.vue"), props: { staff: true } },
    { path: "/:rest(.*)*", component: () => import("@yiwang/shell/MissingPage.vue") },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
const isStaff = (): boolean => !!session.value && !["resident", "enterprise"].includes(session.value.role);
router.beforeEach(async (to) => {
  if (session.value === undefined) await loadSession();
  if (to.meta.staff && !isStaff()) return { path: "/sign-in", query: { next: to.fullPath } };
  // Designers and engineers begin at the rules; leaders and others who see counts, not cases, at the board.
  const role = session.value?.role ?? "";
  if (to.path === "/" && !["clerk", "supervisor"].includes(role))
    return ["designer", "engineer"].includes(role) ? "/decisions" : "/board";
  return true;
});
router.afterEach((to, from) => {
  if (from.matched.length && to.path !== from.path)
    nextTick(() => document.getElementById("main")?.focus({ preventScroll: true }));
});
setElder(elder.value);
initLocale().then(() => createApp(App).use(i18n).use(router).mount("#app"));
