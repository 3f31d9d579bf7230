export { source as custom } from './sources/custom/source.ts';
export { source as shopify } from './sources/shopify/source.ts';
export { source as woocommerce } from './sources/woocommerce/source.ts';
