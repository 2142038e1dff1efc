// Starts the pages: routes, live updates, times that stay right.
//
// May import: router, live, time, dom, pages/*.
import { Router } from "./router.js";
import { live, notice } from "./live.js";
import { keepTimesRight } from "./time.js";
import { showOverview } from "./pages/overview.js";
import { showFindings } from "./pages/findings.js";
import { showFinding } from "./pages/finding.js";
import { showRegressions } from "./pages/regressions.js";
import { showCorpus } from "./pages/corpus.js";
import { showTarget } from "./pages/target.js";
import { showApi } from "./pages/openapi.js";

const kRoutes = [
  [/^\/$/, showOverview],
  [/^\/findings\/?$/, showFindings],
  [/^\/findings\/([^/]+)$/, showFinding],
  [/^\/regressions\/?$/, showRegressions],
  [/^\/corpus\/?$/, showCorpus],
  [/^\/targets\/([^/]+)$/, showTarget],
  [/^\/api\/?$/, showApi],
];

function markCurrentPage() {
  for (const link of document.querySelectorAll(".masthead nav a")) {
    const path = link.getAttribute("href");
    const isHere = path === "/" ? location.pathname === "/" : location.pathname.startsWith(path);
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

document.addEventListener("page-shown", () => {
  markCurrentPage();
  notice("");
});
const router = new Router(kRoutes, document.getElementById("content"));
router.show(0);
live.start();
keepTimesRight();
