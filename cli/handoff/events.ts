/** The customer of every test event. */
const NAME = 'Test';

export const orderReady = (id: string, phone: string): object => ({
  type: 'order.ready_for_pickup',
  timestamp: new Date().toISOString(),
  data: { order_id: id, order_number: id, customer: { name: NAME, phone } },
});

/** A lead with consent, as a form of one's own would send it. */
export const leadCreated = (id: string, phone: string): object => {
  const at = new Date().toISOString();
  const consent = { whatsapp: true, text: 'Hand-off test: you may write to me on WhatsApp.', at };
  return { type: 'lead.created', timestamp: at, data: { lead_id: id, submitted_at: at, name: NAME, phone, consent } };
};

export const appointmentBooked = (id: string, phone: string, startsAt: number, zone: string): object => {
  const at = new Date().toISOString();
  const starts_at = new Date(startsAt).toISOString();
  return {
    type: 'appointment.booked',
    timestamp: at,
    data: { appointment_id: id, starts_at, zone, name: NAME, phone, updated_at: at },
  };
};
