// The table of findings: reads the rows that follow this script, filters, sorts and shows those on the screen.
// Everything from a report becomes a text node or an attribute set by name; nothing is parsed as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const names = JSON.parse($("names").textContent);
  const STATUS = ["fail", "unknown", "pass", "not_applicable"];
  const STATUS_WORDS = ["failed", "unknown", "passed", "not applicable"];
  const STATUS_CLASS = ["fail", "unknown", "pass", "na"];
  const SEVERITY = ["critical", "high", "medium", "low", "info"];
  const PRACTICE = {
    not_met: ["fail", "not met"], unknown: ["unknown", "unknown"], needs_attestation: ["needs", "needs attestation"],
    attested: ["attested", "attested"], met: ["pass", "met"], not_applicable: ["na", "not applicable"],
  };

  // Control and direction-changing characters, which would hide or reorder text, are shown by number.
  const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  const shown = (text) => String(text).replace(UNSAFE, (c) =>
    c === "\n" ? "\\n" : c === "\t" ? "\\t" : c === "\r" ? "\\r" : `\\u{${c.charCodeAt(0).toString(16)}}`);
  const isClean = (text) => text.search(UNSAFE) < 0;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "text") node.textContent = shown(value);
      else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== null && value !== false) node.setAttribute(name, value);
    }
    for (const child of children) if (child !== null) node.append(typeof child === "string" ? shown(child) : child);
    return node;
  };
  const icon = (name) => {
    const svg = document.createElementNS("http:" + "//www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "i " + name);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS(svg.namespaceURI, "use");
    use.setAttribute("href", "#i-" + name);
    svg.append(use);
    return svg;
  };
  const severityMark = (level) => make("span", { class: "sev " + SEVERITY[level], text: SEVERITY[level] });
  const number = (n) => n.toLocaleString("en-US");

  // Rows, by member. `raw` keeps what is only shown.
  const CHECK = 0, ST = 1, SEV = 2, ACCOUNT = 3, REGION = 4, KIND = 5, RESOURCE = 6, SUB = 7, MESSAGE = 8, PRINT = 9, ACCEPTED = 10,
    CHANGE = 11, DETAILS = 12;
  const raw = [];
  const hay = [];
  const changes = [];
  let accepted = false;
  const resourceName = (row) => row[RESOURCE][2] || row[RESOURCE][1];
  const haystack = (i) => {
    if (hay[i] === undefined) {
      const row = raw[i], check = names.checks[row[CHECK]], account = names.accounts[row[ACCOUNT]];
      hay[i] = [row[MESSAGE], row[RESOURCE].join(" "), row[SUB] || "", check.id, check.title, account[0], account[1] || "",
        names.regions[row[REGION]], names.kinds[row[KIND]], row[PRINT], row[DETAILS] || ""].join("\n").toLowerCase();
    }
    return hay[i];
  };

  // Facets: what a row can be filtered by. `of` gives the place of a row's value; those of a check give several.
  const services = [...new Set(names.checks.map((check) => check.service))].sort();
  const practices = Object.keys(names.practices).filter((id) => names.checks.some((check) => check.practices.includes(id)));
  const places = (list) => new Map(list.map((value, index) => [value, index]));
  const servicePlace = places(services), practicePlace = places(practices), changePlace = new Map();
  const serviceOf = names.checks.map((check) => servicePlace.get(check.service));
  const practicesOf = names.checks.map((check) => check.practices.map((id) => practicePlace.get(id)).filter((at) => at !== undefined));
  const facets = [
    { key: "status", label: "Status", values: STATUS, words: STATUS_WORDS, of: (row) => row[ST] },
    { key: "severity", label: "Severity", values: SEVERITY, of: (row) => row[SEV] },
    { key: "account", label: "Account", values: names.accounts.map((one) => one[0]), notes: names.accounts.map((one) => one[1]), of: (row) => row[ACCOUNT] },
    { key: "region", label: "Region", values: names.regions, of: (row) => row[REGION] },
    { key: "service", label: "Service", values: services, of: (row) => serviceOf[row[CHECK]] },
    { key: "practice", label: "Practice", values: practices, notes: practices.map((id) => names.practices[id].title), many: (row) => practicesOf[row[CHECK]] },
    { key: "check", label: "Check", values: names.checks.map((check) => check.id), notes: names.checks.map((check) => check.title), of: (row) => row[CHECK] },
    { key: "accepted", label: "Accepted", values: ["no", "yes"], of: (row) => row[ACCEPTED] },
    { key: "change", label: "Change", values: changes, of: (row) => changePlace.get(row[CHANGE]) },
  ];
  const byKey = new Map(facets.map((facet) => [facet.key, facet]));
  const DEFAULT_STATUS = ["fail", "unknown"];
  const SORTS = ["severity", "status", "finding", "resource", "account", "region"];

  // The state of the view; the fragment of the address says the same.
  let chosen = {}, query = "", sort = "severity", descending = false;
  const open = new Map();
  let wanted = new Set();

  const decode = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  const readHash = () => {
    chosen = {}; query = ""; sort = "severity"; descending = false; wanted = new Set();
    let status = DEFAULT_STATUS;
    for (const pair of location.hash.slice(1).split("&")) {
      const at = pair.indexOf("=");
      if (at < 0) continue;
      const key = pair.slice(0, at), text = pair.slice(at + 1);
      const values = text.split(",").map(decode).filter((value) => value !== "");
      if (key === "q") query = decode(text);
      else if (key === "sort") { descending = text.startsWith("-"); const by = text.replace(/^-/, ""); if (SORTS.includes(by)) sort = by; }
      else if (key === "open") wanted = new Set(values);
      else if (key === "status") status = values.filter((value) => STATUS.includes(value));
      else if (byKey.has(key)) chosen[key] = new Set(values);
    }
    chosen.status = new Set(status);
  };
  const isDefaultStatus = () => chosen.status.size === 2 && DEFAULT_STATUS.every((value) => chosen.status.has(value));
  const hashOf = () => {
    const pairs = [];
    for (const { key } of facets) {
      const values = [...(chosen[key] || [])];
      if (key === "status") {
        if (!isDefaultStatus()) pairs.push("status=" + (values.length ? values.join(",") : "all"));
      } else if (values.length) pairs.push(key + "=" + values.map(encodeURIComponent).join(","));
    }
    if (query) pairs.push("q=" + encodeURIComponent(query));
    if (sort !== "severity" || descending) pairs.push("sort=" + (descending ? "-" : "") + sort);
    const prints = [...open.keys()].map((i) => raw[i][PRINT]);
    if (prints.length) pairs.push("open=" + prints.map(encodeURIComponent).join(","));
    return pairs.join("&");
  };
  const writeHash = (push) => {
    const hash = hashOf();
    const url = location.href.split("#")[0] + (hash ? "#" + hash : "");
    if (url === location.href) return;
    // A viewer may forbid it (a sandboxed frame); the view works all the same.
    try { if (push) history.pushState(null, "", url); else history.replaceState(null, "", url); } catch { /* not shareable there */ }
  };

  // Sorting: one order of all rows per column, kept; filtering then only walks through it.
  const orders = new Map();
  const compareText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const ranked = (list) => {
    const order = list.map((_, i) => i).sort((a, b) => compareText(list[a], list[b]));
    const rank = [];
    order.forEach((at, index) => { rank[at] = index; });
    return rank;
  };
  const keyOf = () => {
    if (sort === "severity") return (row) => row[SEV] * 4 + row[ST];
    if (sort === "status") return (row) => row[ST] * 8 + row[SEV];
    if (sort === "account") return (row) => row[ACCOUNT];
    if (sort === "region") return (row) => row[REGION];
    const rank = ranked(names.checks.map((check) => check.title));
    return (row) => rank[row[CHECK]];
  };
  const order = () => {
    const name = (descending ? "-" : "") + sort;
    if (!orders.has(name)) {
      const sign = descending ? -1 : 1;
      const all = Uint32Array.from(raw, (_, i) => i);
      if (sort === "resource") {
        const keys = raw.map((row) => resourceName(row).toLowerCase());
        all.sort((a, b) => sign * compareText(keys[a], keys[b]) || a - b);
      } else {
        const key = keyOf();
        const keys = Int32Array.from(raw, key);
        all.sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
      }
      orders.set(name, all);
    }
    return orders.get(name);
  };

  // Filtering: one pass that also counts, for each value of each facet, the rows that it would leave.
  let list = new Uint32Array(0);
  const filter = () => {
    const active = facets.map((facet) => {
      const values = chosen[facet.key];
      facet.counts = new Uint32Array(facet.values.length);
      return values && values.size ? facet.values.map((value) => values.has(value)) : null;
    });
    const passes = (f, row) => {
      const flags = active[f];
      if (flags === null) return true;
      const facet = facets[f];
      return facet.many ? facet.many(row).some((at) => flags[at]) : flags[facet.of(row)] === true;
    };
    const count = (facet, row) => {
      if (facet.many) for (const at of facet.many(row)) facet.counts[at] += 1;
      else { const at = facet.of(row); if (at !== undefined) facet.counts[at] += 1; }
    };
    const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const keep = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i += 1) {
      const row = raw[i];
      let failed = -1;
      for (let f = 0; f < facets.length; f += 1) {
        if (!passes(f, row)) { if (failed >= 0) { failed = -2; break; } failed = f; }
      }
      if (failed === -2) continue;
      if (words.length && !words.every((word) => haystack(i).includes(word))) continue;
      if (failed >= 0) count(facets[failed], row);
      else { keep[i] = 1; for (const facet of facets) count(facet, row); }
    }
    list = order().filter((i) => keep[i] === 1);
  };

  // The table: only the rows near the screen exist.
  const table = $("table"), body = $("rows"), controls = $("controls");
  const nodes = new Map();
  let rowHeight = 56, position = new Map(), opened = [];
  const observer = new ResizeObserver((entries) => {
    let changed = false;
    for (const entry of entries) {
      const i = Number(entry.target.dataset.row), height = entry.target.offsetHeight;
      if (open.has(i) && height > 0 && open.get(i) !== height) { open.set(i, height); changed = true; }
    }
    if (changed) { measure(); draw(); }
  });
  const measure = () => {
    rowHeight = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
    opened = [];
    for (const [i, height] of open) if (position.has(i)) opened.push([position.get(i), height]);
    opened.sort((a, b) => a[0] - b[0]);
    body.style.height = list.length * rowHeight + opened.reduce((sum, one) => sum + one[1], 0) + "px";
  };
  const topOf = (at) => at * rowHeight + opened.reduce((sum, one) => sum + (one[0] < at ? one[1] : 0), 0);
  const rowAt = (y) => {
    let above = 0;
    for (const [at, height] of opened) {
      if ((at + 1) * rowHeight + above >= y) break;
      if ((at + 1) * rowHeight + above + height >= y) return at;
      above += height;
    }
    return Math.floor((y - above) / rowHeight);
  };
  const draw = () => {
    const from = -body.getBoundingClientRect().top, margin = 400;
    const first = Math.max(0, rowAt(Math.max(0, from - margin)));
    const last = Math.min(list.length, rowAt(Math.max(0, from + innerHeight + margin)) + 1);
    const keep = new Set();
    const focused = document.activeElement && document.activeElement.closest ? document.activeElement.closest(".row") : null;
    let before = null;
    const place = (at) => {
      const i = list[at];
      keep.add(i);
      let node = nodes.get(i);
      if (!node) { node = rowNode(i); nodes.set(i, node); }
      node.style.top = topOf(at) + "px";
      node.firstChild.setAttribute("aria-rowindex", at + 2);
      const next = before ? before.nextSibling : body.firstChild;
      if (node !== next) body.insertBefore(node, next);
      before = node;
    };
    const held = focused && nodes.get(Number(focused.dataset.row)) === focused ? position.get(Number(focused.dataset.row)) : undefined;
    if (held !== undefined && held < first) place(held);
    for (let at = first; at < last; at += 1) place(at);
    if (held !== undefined && held >= last) place(held);
    for (const [i, node] of nodes) if (!keep.has(i)) { node.remove(); nodes.delete(i); }
  };
  const cell = (name, ...children) => make("div", { role: "cell", class: name }, ...children);
  const rowNode = (i) => {
    const row = raw[i], check = names.checks[row[CHECK]], status = row[ST], isOpen = open.has(i);
    const button = make("button", { type: "button", "aria-expanded": String(isOpen), "aria-controls": "d" + i, text: row[MESSAGE] });
    const line = make("div", { role: "row", class: "line" },
      cell("severity", severityMark(row[SEV])),
      cell("status", make("span", { class: STATUS_CLASS[status] }, icon(STATUS_CLASS[status])),
        make("span", {}, make("span", { class: STATUS_CLASS[status], text: STATUS_WORDS[status] }),
          row[ACCEPTED] ? make("small", { text: "accepted" }) : row[CHANGE] ? make("small", { text: row[CHANGE] }) : null)),
      cell("what", button, make("small", { text: check.title })),
      cell("resource", make("bdi", { text: resourceName(row), title: shown(row[RESOURCE][0]) }), make("small", { text: names.kinds[row[KIND]] })),
      cell("account", make("span", { text: names.accounts[row[ACCOUNT]][0] }), names.accounts[row[ACCOUNT]][1] ? make("small", { text: names.accounts[row[ACCOUNT]][1] }) : null),
      cell("region", make("span", { text: names.regions[row[REGION]] })));
    const node = make("div", { role: "presentation", class: isOpen ? "row open" : "row", "data-row": i }, line);
    line.addEventListener("click", () => { if (!String(getSelection())) toggle(i); });
    line.addEventListener("keydown", (event) => move(event, i));
    if (isOpen) attach(node, i);
    return node;
  };
  const attach = (node, i) => {
    const detail = make("div", { role: "row", id: "d" + i, "data-row": i }, make("div", { role: "cell", "aria-colspan": 6, class: "detail" }, ...details(i)));
    node.append(detail);
    observer.observe(detail);
  };
  const toggle = (i) => {
    const node = nodes.get(i);
    if (open.has(i)) {
      open.delete(i);
      if (node) { node.classList.remove("open"); node.lastChild.remove(); }
    } else {
      open.set(i, 0);
      if (node) { node.classList.add("open"); attach(node, i); open.set(i, node.lastChild.offsetHeight); }
    }
    if (node) node.querySelector(".what button").setAttribute("aria-expanded", String(open.has(i)));
    measure();
    draw();
    writeHash(false);
  };
  const focusRow = (at) => {
    if (at < 0 || at >= list.length) return;
    const top = body.getBoundingClientRect().top + topOf(at), low = sticky() + 8;
    if (top < low) scrollBy(0, top - low);
    else if (top + rowHeight > innerHeight) scrollBy(0, top + rowHeight - innerHeight + 8);
    draw();
    nodes.get(list[at]).querySelector(".what button").focus({ preventScroll: true });
  };
  const sticky = () => (getComputedStyle(controls).position === "sticky" ? controls.offsetHeight : 0);
  const move = (event, i) => {
    if (event.target.tagName !== "BUTTON" || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = position.get(i), page = Math.max(1, Math.floor((innerHeight - sticky()) / rowHeight) - 1);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(list.length - 1, at + page), PageUp: Math.max(0, at - page), Home: 0, End: list.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    focusRow(to);
  };

  // What an opened row shows.
  const copy = async (text, button) => {
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; } catch { button.textContent = "Select and copy by hand"; }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };
  const copyButton = (text, what) => make("button", { type: "button", class: "copy", "aria-label": "Copy " + what, onclick: (event) => copy(text, event.target), text: "Copy" });
  const withCopy = (pre) => {
    const box = make("div", { class: "code" });
    pre.replaceWith(box);
    box.append(pre, copyButton(pre.textContent, "the commands"));
    return box;
  };
  const code = (lines) => {
    const pre = make("pre", { tabindex: 0 }, make("code"));
    // Each line was made safe on its own.
    pre.firstChild.textContent = lines.join("\n");
    const holder = make("div", {}, pre);
    withCopy(pre);
    return holder.firstChild;
  };
  const value = (of, depth) => {
    if (of === null) return make("span", { class: "dim", text: "none" });
    if (typeof of !== "object") return make("bdi", { text: of });
    if (depth > 8) return make("code", { text: JSON.stringify(of) });
    if (Array.isArray(of)) {
      if (of.length === 0) return make("span", { class: "dim", text: "none" });
      return make("ul", {}, ...of.map((one) => make("li", {}, value(one, depth + 1))));
    }
    return pairs(Object.entries(of), depth);
  };
  const pairs = (entries, depth) => make("dl", {}, ...entries.flatMap(([key, one]) => [make("dt", {}, make("bdi", { text: key })), make("dd", {}, value(one, depth + 1))]));
  const quote = (text) => (/^[A-Za-z0-9_\/:.@%+=,][A-Za-z0-9_\/:.@%+=,-]*$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'");
  const command = (parts, row) => {
    const region = names.regions[row[REGION]];
    const fields = { id: row[RESOURCE][1], name: row[RESOURCE][2], arn: row[RESOURCE][0], account: names.accounts[row[ACCOUNT]][0], region: region === "global" ? null : region };
    let text = "", isOpen = false;
    for (const part of parts) {
      if (typeof part === "string") { text += part; continue; }
      const fit = part.of.find(([kind]) => kind === "*" || kind === names.kinds[row[KIND]]);
      const with_ = fit ? fields[fit[1]] : null;
      if (with_ && isClean(with_)) text += " " + fit[2] + quote(with_);
      else { if (part.or) text += " " + part.or; isOpen = isOpen || part.open; }
    }
    return [text, isOpen];
  };
  const section = (title, ...children) => make("section", {}, make("h4", { text: title }), ...children);
  const gapBox = (gap) => make("div", { class: "gapbox" }, ...[gap, ...(gap.others || [])].map((one) => make("p", {},
    make("code", { text: one.call }), " " + one.kind + ": ", make("bdi", { text: one.message }),
    one.kind === "denied" ? make("span", {}, " — needs the IAM action ", make("code", { text: one.action })) : null)));
  const acceptBox = (one) => make("p", { class: "acceptbox" }, "Accepted by " + one.owner + " until " + one.expires + ": " + one.reason);
  const card = (id) => {
    const template = $("card-" + id);
    return template ? template.content.cloneNode(true) : document.createDocumentFragment();
  };
  const details = (i) => {
    const row = raw[i], check = names.checks[row[CHECK]], more = row[DETAILS] ? JSON.parse(row[DETAILS]) : {};
    const [arn, id, name] = row[RESOURCE], account = names.accounts[row[ACCOUNT]], region = names.regions[row[REGION]];
    const left = make("div"), right = make("div");
    const found = section("What was found", make("p", {}, make("bdi", { text: row[MESSAGE] })));
    if (more.gap) found.append(gapBox(more.gap));
    if (more.suppression) found.append(acceptBox(more.suppression));
    left.append(found);
    if (more.evidence !== undefined) left.append(section("Evidence", value(more.evidence, 0)));
    const facts = [["ARN", make("span", {}, make("bdi", { text: arn }), isClean(arn) ? copyButton(arn, "the ARN") : null)], ["ID", make("bdi", { text: id })]];
    if (name && name !== id) facts.push(["Name", make("bdi", { text: name })]);
    facts.push(["Type", names.kinds[row[KIND]]], ["Account", account[0] + (account[1] ? " (" + account[1] + ")" : "")], ["Region", region]);
    if (row[SUB]) facts.push(["Part", row[SUB]]);
    const resource = make("dl", {}, ...facts.flatMap(([key, one]) => [make("dt", { text: key }), make("dd", {}, one)]));
    const tags = Object.entries(more.tags || {});
    left.append(section("Resource", resource, make("h5", { text: "Tags" }), tags.length ? pairs(tags, 0) : make("p", { class: "dim", text: "none recorded" })));
    const filled = check.commands.map((parts) => command(parts, row));
    const exact = filled.filter((one) => !one[1]).map((one) => one[0]), others = filled.filter((one) => one[1]).map((one) => one[0]);
    const lines = [...exact, ...(others.length ? ["# for what those answers name, in capitals here:"] : []), ...others];
    const again = "posture scan --check " + check.id + (region === "global" ? "" : " --region " + quote(region));
    left.append(section("Commands that show the evidence",
      lines.length ? make("p", { class: "dim", text: "What this check asks, in account " + account[0] + "; all of it only reads." }) : null,
      lines.length ? code(lines) : null,
      make("p", { class: "dim", text: "Judge it again, with new answers:" }), code(isClean(again) ? [again] : [shown(again)])));
    right.append(card(check.id));
    for (const pre of right.querySelectorAll("pre")) { pre.tabIndex = 0; withCopy(pre); }
    left.append(section("Reference", make("dl", {},
      make("dt", { text: "Check" }), make("dd", {}, make("code", { text: check.id })),
      ...(more.reasons ? [make("dt", { text: "Reasons" }), make("dd", {}, ...more.reasons.map((one) => make("code", { text: one + " " })))] : []),
      make("dt", { text: "Practices" }), make("dd", {}, ...check.practices.map((one) => make("a", { href: "#status=all&practice=" + encodeURIComponent(one), text: one + " " }))),
      make("dt", { text: "Fingerprint" }), make("dd", {}, make("code", { text: row[PRINT] })))));
    return [left, right];
  };

  // Filters.
  const drawFacet = (facet) => {
    const menu = facet.node.lastChild;
    const term = facet.term ? facet.term.toLowerCase() : "";
    const options = facet.values.map((one, at) => ({ one, at, count: facet.counts[at], on: (chosen[facet.key] || new Set()).has(one) }))
      .filter(({ one, at }) => !term || (one + " " + ((facet.notes && facet.notes[at]) || "")).toLowerCase().includes(term));
    if (facet.values.length > 8) options.sort((a, b) => b.on - a.on || (b.count > 0) - (a.count > 0));
    const labels = options.slice(0, 400).map(({ one, at, count, on }) => {
      const box = make("input", { type: "checkbox", value: one, onchange: (event) => choose(facet, one, event.target.checked) });
      box.checked = on;
      return make("label", { class: count ? "" : "empty" }, box,
        make("span", {}, make("bdi", { text: (facet.words || facet.values)[at] }), facet.notes && facet.notes[at] ? make("small", { text: facet.notes[at] }) : null),
        make("span", { class: "n dim", text: number(count) }));
    });
    const focused = menu.contains(document.activeElement) && document.activeElement.type === "checkbox" ? document.activeElement.value : null;
    menu.lastChild.replaceChildren(...labels);
    if (focused !== null) for (const box of menu.querySelectorAll("input[type=checkbox]")) if (box.value === focused) box.focus();
  };
  const choose = (facet, one, on) => {
    const values = chosen[facet.key] || (chosen[facet.key] = new Set());
    if (on) values.add(one); else values.delete(one);
    refresh();
    writeHash(false);
  };
  const buildFacets = () => {
    for (const facet of facets) {
      if (facet.values.length === 0) continue;
      if (!facet.node) {
        const menu = make("div", { class: "menu", role: "group", "aria-label": facet.label });
        if (facet.values.length > 8) {
          menu.append(make("input", { type: "search", "aria-label": "Find in " + facet.label.toLowerCase(), placeholder: "find", oninput: (event) => { facet.term = event.target.value; drawFacet(facet); } }));
        }
        menu.append(make("div"));
        facet.node = make("details", { class: "facet", name: "facet", ontoggle: () => { if (facet.node.open) drawFacet(facet); } }, make("summary", { text: facet.label }), menu);
        $("facets").append(facet.node);
      }
      const count = (chosen[facet.key] || new Set()).size;
      facet.node.classList.toggle("on", count > 0);
      facet.node.firstChild.textContent = facet.label + (count ? " (" + count + ")" : "");
      if (facet.node.open) drawFacet(facet);
      // A choice of one is none.
      const choices = facet.key === "accepted" && !accepted ? 1 : facet.values.length;
      facet.node.hidden = choices < 2 && count === 0;
    }
  };
  const drawChosen = () => {
    const chips = [];
    const chip = (text, remove) => chips.push(make("button", { type: "button", "aria-label": "Remove the filter " + shown(text), onclick: () => { remove(); refresh(); writeHash(false); $("q").focus({ preventScroll: true }); }, text: text + "  ×" }));
    for (const facet of facets) for (const one of chosen[facet.key] || []) {
      const at = facet.values.indexOf(one);
      chip(facet.label.toLowerCase() + ": " + (at >= 0 && facet.words ? facet.words[at] : one), () => chosen[facet.key].delete(one));
    }
    if (query) chip("search: " + query, () => { query = ""; });
    if (chips.length > 1) chips.push(make("button", { type: "button", onclick: reset, text: "Show all" }));
    $("chosen").replaceChildren(...chips);
  };
  const drawPractice = () => {
    const only = chosen.practice && chosen.practice.size === 1 ? [...chosen.practice][0] : null;
    const box = $("practice"), one = only === null ? undefined : names.practices[only];
    box.hidden = one === undefined;
    if (one) {
      const [kind, words] = PRACTICE[one.status] || ["unknown", one.status];
      box.replaceChildren(make("p", {}, make("b", { text: only + " " + one.title })), make("p", {}, make("span", { class: kind }, icon(kind), " " + words), ": " + one.reason));
    }
    for (const tile of document.querySelectorAll(".tile")) {
      const own = decode(tile.getAttribute("href").split("practice=")[1]);
      if (chosen.practice && chosen.practice.has(own)) tile.setAttribute("aria-current", "true"); else tile.removeAttribute("aria-current");
    }
  };
  const HEADS = [["severity", "Severity"], ["status", "Status"], ["finding", "Finding"], ["resource", "Resource"], ["account", "Account"], ["region", "Region"]];
  const drawHeads = () => {
    const focused = document.activeElement ? document.activeElement.dataset.sort : undefined;
    $("heads").replaceChildren(...HEADS.map(([key, label]) => make("div", { role: "columnheader", class: key, "aria-sort": sort === key ? (descending ? "descending" : "ascending") : null },
      make("button", { type: "button", "data-sort": key, onclick: () => { descending = sort === key && !descending; sort = key; refresh(); writeHash(false); }, text: label }))));
    if (focused) for (const button of $("heads").querySelectorAll("button")) if (button.dataset.sort === focused) button.focus({ preventScroll: true });
  };
  const reset = () => { chosen = { status: new Set() }; query = ""; refresh(); writeHash(false); $("q").focus({ preventScroll: true }); };

  let loading = true;
  const refresh = () => {
    filter();
    position = new Map();
    list.forEach((i, at) => position.set(i, at));
    if (wanted.size) {
      for (let i = 0; i < raw.length && wanted.size; i += 1) if (wanted.delete(raw[i][PRINT])) open.set(i, 600);
    }
    if ($("q").value !== query) $("q").value = query;
    buildFacets();
    drawChosen();
    drawPractice();
    drawHeads();
    table.setAttribute("aria-rowcount", list.length + 1);
    table.hidden = list.length === 0;
    $("none").hidden = list.length > 0 || loading;
    $("count").textContent = (list.length === raw.length ? number(list.length) : number(list.length) + " of " + number(raw.length)) +
      (raw.length === 1 ? " finding" : " findings") + (loading ? ", reading " + number(raw.length) + " of " + number(names.total) + " …" : "");
    measure();
    draw();
  };

  // Reading: a chunk at a time, so that the page can be used meanwhile.
  let cursor = $("names"), since = 0, next = 500;
  const take = () => {
    const node = cursor.nextElementSibling;
    if (!node || (node.nextElementSibling === null && document.readyState === "loading")) return false;
    if (node.className === "rows") {
      for (const row of JSON.parse(node.textContent)) {
        if (row[CHANGE] && !changePlace.has(row[CHANGE])) { changePlace.set(row[CHANGE], changes.length); changes.push(row[CHANGE]); }
        accepted = accepted || row[ACCEPTED] === 1;
        raw.push(row);
      }
      node.remove();
      since = 1;
    } else cursor = node;
    return node.id !== "end" || "end";
  };
  const work = (until) => {
    for (;;) {
      const taken = take();
      if (taken === "end") { loading = false; return true; }
      if (!taken || (until && performance.now() > until)) return false;
    }
  };
  const finish = () => { orders.clear(); refresh(); document.documentElement.dataset.ready = "true"; if (location.hash.includes("open=")) goToOpen(); prepare(); };
  const step = () => {
    if (!loading) return;
    if (work(performance.now() + 24)) { finish(); return; }
    if (since && raw.length >= next) { next = raw.length * 3; since = 0; orders.clear(); refresh(); }
    setTimeout(step, 4);
  };
  // The texts that are searched, while nothing else is to do.
  const prepare = () => {
    let i = 0;
    const some = () => {
      const until = performance.now() + 8;
      while (i < raw.length && performance.now() < until) { haystack(i); i += 1; }
      if (i < raw.length) setTimeout(some, 8);
    };
    setTimeout(some, 200);
  };
  const goToOpen = () => {
    const first = opened.length ? opened[0][0] : -1;
    if (first >= 0) focusRow(first);
  };

  // Paper: everything that failed, by check, with why and how to fix; then what is unknown.
  const folded = [];
  addEventListener("beforeprint", () => {
    if (loading) { work(0); finish(); }
    for (const more of document.querySelectorAll("details.printed")) if (!more.open) { more.open = true; folded.push(more); }
    const groups = new Map();
    raw.forEach((row, i) => {
      if (row[ST] > 1) return;
      const key = row[ST] * 1e6 + row[CHECK];
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(i);
    });
    const worst = (group) => Math.min(...group.slice(0, 1000).map((i) => raw[i][SEV]));
    const sorted = [...groups].map(([key, group]) => [key, group, worst(group)]).sort((a, b) => (a[0] >= 1e6) - (b[0] >= 1e6) || a[2] - b[2] || b[1].length - a[1].length);
    const out = document.createDocumentFragment();
    let status = -1;
    for (const [key, group, level] of sorted) {
      const own = key >= 1e6 ? 1 : 0, check = names.checks[key % 1e6];
      if (own !== status) { out.append(make("h2", { text: own === 0 ? "Failed findings" : "Unknown findings" })); status = own; }
      const box = make("article", { class: "case" }, make("header", {}, make("h3", {}, severityMark(level), check.title), make("p", { class: "dim" }, make("code", { text: check.id }), " " + check.practices.join(", ") + ", " + number(group.length) + (group.length === 1 ? " finding" : " findings"))));
      const found = make("ol", { class: "found" });
      for (const i of group) {
        const row = raw[i], more = row[DETAILS] ? JSON.parse(row[DETAILS]) : {};
        found.append(make("li", {}, icon(STATUS_CLASS[own]), " ", make("bdi", { text: row[MESSAGE] }), make("div", { class: "dim" }, make("bdi", { text: row[RESOURCE][0] }), ", " + names.accounts[row[ACCOUNT]][0] + ", " + names.regions[row[REGION]]),
          more.suppression ? acceptBox(more.suppression) : null));
      }
      box.append(found);
      if (own === 0) box.append(card(check.id));
      out.append(box);
    }
    $("printed").replaceChildren(out);
  });
  addEventListener("afterprint", () => {
    $("printed").replaceChildren();
    for (const more of folded.splice(0)) more.open = false;
  });

  // Events.
  let typing = 0;
  $("q").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => { query = event.target.value.trim(); refresh(); writeHash(false); }, 80);
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  $("clear").addEventListener("click", reset);
  addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", () => { measure(); draw(); });
  const apply = () => {
    // A link to a place in the page is no filter.
    if (location.hash && !location.hash.includes("=")) return;
    open.clear();
    for (const node of nodes.values()) node.remove();
    nodes.clear();
    readHash();
    refresh();
  };
  addEventListener("popstate", apply);
  document.addEventListener("click", (event) => {
    const link = event.target.closest ? event.target.closest("a[href^='#']") : null;
    if (!link || !link.getAttribute("href").includes("=")) {
      for (const facet of facets) if (facet.node && facet.node.open && !facet.node.contains(event.target)) facet.node.open = false;
      return;
    }
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try { history.pushState(null, "", link.getAttribute("href")); } catch { location.hash = link.getAttribute("href"); }
    apply();
    $("findings").scrollIntoView();
    $("findings").focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const facet of facets) if (facet.node && facet.node.open) { facet.node.open = false; facet.node.firstChild.focus(); }
    if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && !event.ctrlKey && !event.metaKey) { event.preventDefault(); $("q").focus(); }
  });
  const hint = $("hint");
  for (const type of ["mouseover", "focusin"]) document.addEventListener(type, (event) => {
    const tile = event.target.closest ? event.target.closest(".tile") : null;
    if (tile) hint.replaceChildren(make("b", {}, tile.getAttribute("aria-label")), make("br"), tile.dataset.reason);
  });

  $("controls").hidden = false;
  if (names.accounts.length < 2) table.classList.add("single");
  readHash();
  buildFacetsWhenReady();
  step();

  function buildFacetsWhenReady() {
    for (const facet of facets) facet.counts = new Uint32Array(facet.values.length);
    buildFacets();
    $("count").textContent = "reading " + number(names.total) + " findings …";
  }
})();
