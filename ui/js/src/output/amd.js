// anywidget's package is written for an AMD loader. This one hands over what it defines.
export const defined = {};
globalThis.define = (_needs, make) => { defined.anywidget = make; };
