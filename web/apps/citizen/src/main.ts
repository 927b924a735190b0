import "@yiwang/ui/tokens.css";
import "@yiwang/ui/base.css";
import "@yiwang/ui/citizen.css";
import { i18n, initLocale } from "@yiwang/i18n";
import { elder, setElder } from "@yiwang/ui";
import { createApp, nextTick } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import App from "./App.vue";
import { loadSession, session } from "@yiwang/shell";

const router = createRouter({
  history: createWebHistory("/"),
  routes: [
    { path: "/", component: () => import("./pages/HomePage.vue") },
    { path: "/sign-in", component: () => import("@yiwang/shell/SignInPage.vue") },
    { path: "/matters", component: () => import("./pages/FindPage.vue") },
    { path: "/matters/:id", component: () => import("./pages/MatterPage.vue") },
    { path: "/apply/:matter", component: () => import("./pages/StartPage.vue"), meta: { own: true } },
    { path: "/certificates", component: () => import("./pages/CertificatesPage.vue"), meta: { own: true } },
    { path: "/together", component: () => import("./pages/TogetherPage.vue"), meta: { own: true } },
    { path: "/check", component: () => import("./pages/CheckPage.vue") },
    { path: "/notices", component: () => import("./pages/NoticesPage.vue") },
    { path: "/open", component: () => import("./pages/OpenPage.vue") },
    { path: "/start/:type", component: () => import("./pages/StartPage.vue"), meta: { own: true } },
    { path: "/cases", component: () => import("./pages/CasesPage.vue"), meta: { own: true } },
    { path: "/cases/:id", component: () => import("./pages/CasePage.vue"), meta: { own: true } },
    { path: "/way", component: () => import("./pages/WayPage.vue") },
    { path: "/messages", component: () => import("./pages/MessagesPage.vue"), meta: { own: true } },
    { path: "/me", component: () => import("./pages/MePage.vue"), meta: { own: true } },
    { path: "/:rest(.*)*", component: () => import("@yiwang/shell/MissingPage.vue") },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
router.beforeEach(async (to) => {
  if (session.value === undefined) await loadSession();
  if (to.meta.own && !session.value) return { path: "/sign-in", query: { next: to.fullPath } };
  return true;
});
// A new page begins at its heading, for the eye and for the screen reader alike.
router.afterEach((to, from) => {
  if (from.matched.length && to.path !== from.path)
    nextTick(() => document.getElementById("main")?.focus({ preventScroll: true }));
});

setElder(elder.value);
initLocale().then(() => createApp(App).use(i18n).use(router).mount("#app"));
