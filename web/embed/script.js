// The page's own words to this script: the attributes of its tag.

export const { src, dataset } = document.currentScript;
/** Where the deployment is. */
export const origin = dataset.orillaUrl || new URL(src).origin;
