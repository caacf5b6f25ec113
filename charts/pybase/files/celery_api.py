"""Celery configuration of the API: the workers' routes, and short timeouts.

The API enqueues in its event loop. With the defaults a dead broker blocks it for 19 s (refused) or over 90 s (no
answer), and the liveness probe with it; with these for 0.7 s or 6 s.
"""

from celery_routes import broker_transport_options as _workers_options
from celery_routes import task_routes as task_routes

broker_transport_options = {**_workers_options, "socket_timeout": 3, "socket_connect_timeout": 3}
redis_socket_timeout = 3
redis_socket_connect_timeout = 3
result_backend_transport_options = {"retry_policy": {"timeout": 3.0, "max_retries": 1}}
task_publish_retry_policy = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
