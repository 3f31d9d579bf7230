export { source as custom } from './sources/custom/source.ts';
export { source as form } from './sources/form/source.ts';
export { source as 'google-ads' } from './sources/google-ads/source.ts';
export { source as meta } from './sources/meta/source.ts';
export { source as typeform } from './sources/typeform/source.ts';
export { source as webflow } from './sources/webflow/source.ts';
