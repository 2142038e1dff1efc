// Runs all tests and leaves [{name, fault}] in window.results, fault null where there is none.
//
// May import: check and every *_test.js of this folder; a test of the suite compares this list with the folder.
import { tests } from "./check.js";
import "./charts_test.js";
import "./dom_test.js";
import "./fold_test.js";
import "./layout_test.js";
import "./steps_test.js";
import "./waits_for_test.js";
import "./words_test.js";

const results = [];
for (const { name, body } of tests) {
  let fault = null;
  try {
    await body();
  } catch (error) {
    fault = `${error.message}\n${error.stack}`;
  }
  results.push({ name, fault });
  const line = document.createElement("li");
  line.textContent = `${fault ? "FAULT" : "ok"}: ${name}${fault ? `: ${fault}` : ""}`;
  document.getElementById("list").append(line);
}
window.results = results;
