// What both apps share beyond components: who is signed in, the window's title, signing in, and the page that is not there.
export * from "./session";
export * from "./title";
