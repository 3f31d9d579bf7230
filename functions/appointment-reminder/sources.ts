export { source as acuity } from './sources/acuity/source.ts';
export { source as 'cal-com' } from './sources/cal-com/source.ts';
export { source as calendly } from './sources/calendly/source.ts';
export { source as custom } from './sources/custom/source.ts';
