package queue

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// metrics are what an applier tells of itself, each with the attribute source.
type metrics struct {
	source   metric.MeasurementOption
	name     attribute.KeyValue
	behind   metric.Int64Gauge
	done     metric.Int64Counter
	aside    metric.Int64Counter
	attempts metric.Int64Counter
	lost     metric.Int64Counter
}

func newMetrics(meter metric.Meter, source string) (*metrics, error) {
	if meter == nil {
		meter = noop.Meter{}
	}
	name := attribute.String("source", source)
	m := &metrics{name: name, source: metric.WithAttributeSet(attribute.NewSet(name))}
	var err error
	counter := func(name, description string) metric.Int64Counter {
		c, e := meter.Int64Counter(name, metric.WithDescription(description), metric.WithUnit("{entry}"))
		if e != nil {
			err = e
		}
		return c
	}
	m.done = counter("schakel.queue.applied", "Entries applied.")
	m.aside = counter("schakel.queue.parked", "Entries set aside for a human.")
	m.attempts = counter("schakel.queue.retries", "Repetitions: of a batch after a fault that may pass, or of a parked entry.")
	m.lost = counter("schakel.queue.healed", "Entries read from their source because Redis did not have them, by what happened to them.")
	gauge, e := meter.Int64Gauge("schakel.queue.lag", metric.WithDescription("Entries known but not yet applied."), metric.WithUnit("{entry}"))
	if e != nil {
		err = e
	}
	m.behind = gauge
	return m, err
}

func (m *metrics) lag(ctx context.Context, n int64)   { m.behind.Record(ctx, n, m.source) }
func (m *metrics) applied(ctx context.Context, n int) { m.done.Add(ctx, int64(n), m.source) }
func (m *metrics) parked(ctx context.Context, n int)  { m.aside.Add(ctx, int64(n), m.source) }
func (m *metrics) retried(ctx context.Context)        { m.attempts.Add(ctx, 1, m.source) }

func (m *metrics) healed(ctx context.Context, loss Loss, n int64) {
	m.lost.Add(ctx, n, metric.WithAttributes(m.name, attribute.String("loss", string(loss))))
}
