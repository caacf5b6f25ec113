"""Celery configuration of the workers and beats: which queue every task goes to.

PyBase's Celery applications know no routes; on the shared default queue each kind of worker takes and discards the
tasks of the others.
"""

QUEUES = {
    "extraction": [
        "extract_pdf",
        "extract_dxf",
        "extract_ifc",
        "extract_step",
        "extract_werk24",
        "extract_bulk",
        "extract_file_auto",
    ],
    "search": [
        "index_record",
        "index_table",
        "update_index",
        "refresh_search_indexes",
    ],
    "export": [
        "export_data",
        "export_data_background",
        "export_data_scheduled",
        "upload_export_to_storage",
    ],
    "maintenance": [
        "purge_old_trash",
        "cleanup_expired_cache",
    ],
    "reports": [
        "generate_custom_report",
        "deliver_report_via_email",
        "render_report_section",
        "check_scheduled_custom_reports",
        "cleanup_old_custom_reports",
    ],
}

task_routes = {task: {"queue": queue} for queue, tasks in QUEUES.items() for task in tasks}

# Longer than the longest task (time limit 3,600 s): Redis hands an unacknowledged task out again after this time.
broker_transport_options = {"visibility_timeout": 7200}
