// The part of a browser page that scripts of gonbui's widgets use. host holds functions of Go;
// a node is a number there.
(function (host) {
  "use strict";
  const global = globalThis;
  const nodes = new Map(); // node -> Element, so that listeners and values stay with it

  function wrap(n) {
    if (n < 0) return null;
    if (!nodes.has(n)) nodes.set(n, new Element(n));
    return nodes.get(n);
  }

  class Event {
    constructor(type, init) {
      this.type = type;
      this.target = null;
      this.defaultPrevented = false;
      Object.assign(this, init || {});
    }
    preventDefault() { this.defaultPrevented = true; }
    stopPropagation() { }
    stopImmediatePropagation() { }
  }

  class EventTarget {
    constructor() { Object.defineProperty(this, "_listeners", { value: {} }); }
    addEventListener(type, f) { (this._listeners[type] = this._listeners[type] || []).push(f); }
    removeEventListener(type, f) {
      this._listeners[type] = (this._listeners[type] || []).filter(g => g !== f);
    }
    dispatchEvent(e) {
      e.target = e.currentTarget = this;
      for (const f of (this._listeners[e.type] || []).slice()) {
        if (typeof f === "function") f.call(this, e); else f.handleEvent(e);
      }
      const on = this["on" + e.type];
      if (typeof on === "function") on.call(this, e);
      return !e.defaultPrevented;
    }
  }

  class Element extends EventTarget {
    constructor(n) {
      super();
      Object.defineProperty(this, "_n", { value: n });
      this.style = { setProperty() { }, removeProperty() { } };
      this.dataset = {};
      this.classList = { add() { }, remove() { }, toggle() { return false; }, contains() { return false; } };
    }
    get id() { return this.getAttribute("id") || ""; }
    set id(v) { this.setAttribute("id", v); }
    get tagName() { return host.tag(this._n).toUpperCase(); }
    get nodeName() { return this.tagName; }
    get innerHTML() { return host.inner(this._n); }
    set innerHTML(s) { host.setInner(this._n, String(s)); }
    get outerHTML() { return host.outer(this._n); }
    get textContent() { return host.text(this._n); }
    set textContent(s) { host.setText(this._n, String(s)); }
    get innerText() { return this.textContent; }
    set innerText(s) { this.textContent = s; }
    get value() { return this._value === undefined ? host.value(this._n) : this._value; }
    set value(v) { Object.defineProperty(this, "_value", { value: String(v), configurable: true }); }
    get checked() { return this._checked === undefined ? this.hasAttribute("checked") : this._checked; }
    set checked(v) { Object.defineProperty(this, "_checked", { value: Boolean(v), configurable: true }); }
    get parentNode() { return wrap(host.parent(this._n)); }
    get parentElement() { return this.parentNode; }
    get children() { return host.children(this._n).map(wrap); }
    get firstElementChild() { return this.children[0] || null; }
    getAttribute(k) { return host.attr(this._n, String(k)); }
    hasAttribute(k) { return this.getAttribute(k) !== null; }
    setAttribute(k, v) { host.setAttr(this._n, String(k), String(v)); }
    removeAttribute(k) { host.removeAttr(this._n, String(k)); }
    insertAdjacentHTML(where, s) { host.insert(this._n, String(where).toLowerCase(), String(s)); }
    appendChild(c) { host.append(this._n, c._n); return c; }
    append(...cs) { for (const c of cs) if (c instanceof Element) this.appendChild(c); else this.insertAdjacentHTML("beforeend", String(c)); }
    removeChild(c) { host.remove(c._n); return c; }
    remove() { host.remove(this._n); }
    querySelector(s) { return wrap(host.query(this._n, String(s))[0] ?? -1); }
    querySelectorAll(s) { return host.query(this._n, String(s)).map(wrap); }
    click() { this.dispatchEvent(new Event("click")); }
    focus() { }
    blur() { }
  }

  const root = wrap(0);
  const document = new EventTarget();
  Object.assign(document, {
    body: root, head: root, documentElement: root, readyState: "complete",
    location: { host: "localhost", href: "http://localhost/", protocol: "http:" },
    getElementById: id => wrap(host.byID(String(id))),
    querySelector: s => root.querySelector(s),
    querySelectorAll: s => root.querySelectorAll(s),
    getElementsByTagName: s => root.querySelectorAll(s),
    createElement: tag => wrap(host.create(String(tag))),
  });

  Object.assign(global, {
    window: global, self: global, document, Event, CustomEvent: Event, Element, HTMLElement: Element,
    location: document.location,
    navigator: { userAgent: "lemma", language: "en" },
    setTimeout: (f, ms, ...args) => host.timer(() => f(...args), Number(ms) || 0, false),
    setInterval: (f, ms, ...args) => host.timer(() => f(...args), Number(ms) || 0, true),
    clearTimeout: id => host.clear(Number(id)),
    clearInterval: id => host.clear(Number(id)),
    requestAnimationFrame: f => host.timer(() => f(0), 16, false),
    console: { log() { }, info() { }, warn() { }, error() { }, debug() { } },
  });

  // The connection to the kernel, with the functions that gonbui's scripts and documentation use.
  host.onConnect(() => {
    const subscribers = new Map(); // address -> Map(symbol -> function)
    const variables = new Map();   // address -> synced variable
    const comm = {
      send(address, value) { host.send(String(address), JSON.stringify(value === undefined ? null : value)); },
      subscribe(address, f) {
        const id = Symbol(address);
        if (!subscribers.has(address)) subscribers.set(address, new Map());
        subscribers.get(address).set(id, f);
        return id;
      },
      unsubscribe(id) { for (const m of subscribers.values()) m.delete(id); },
      newSyncedVariable(address, value) {
        let v = variables.get(address);
        if (!v) {
          v = synced(address);
          variables.set(address, v);
        }
        v.set(value);
        return v;
      },
      close() { },
    };
    function synced(address) {
      const watchers = new Map();
      let current = null;
      const assign = value => {
        if (value === current) return false;
        current = value;
        for (const f of [...watchers.values()]) f(value);
        return true;
      };
      comm.subscribe(address, (_, value) => assign(value));
      return {
        get: () => current,
        set: value => { if (assign(value)) comm.send(address, value); },
        subscribe: f => { const id = Symbol(address); watchers.set(id, f); return id; },
        unsubscribe: id => { watchers.delete(id); },
      };
    }
    global.gonb_comm = comm;
    return {
      deliver(address, json) {
        const value = JSON.parse(json);
        for (const f of [...(subscribers.get(address) || new Map()).values()]) f(address, value);
      },
      read(address) {
        const v = variables.get(address);
        if (v) comm.send(address, v.get());
      },
    };
  });
})
