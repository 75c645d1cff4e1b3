export { type ApiAnswer, allMetrics, type Metrics, type MetricsPage, noMetrics } from './metrics.ts';
export { createPrometheus, type Prometheus } from './prometheus.ts';
export { createTimers, metricName, type Sum, type Timers, timerOf } from './timers.ts';
