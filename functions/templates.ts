export { template as 'appointment-reminder' } from './appointment-reminder/template.ts';
export { template as 'lead-first-touch' } from './lead-first-touch/template.ts';
export { template as 'order-ready' } from './order-ready/template.ts';
