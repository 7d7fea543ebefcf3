"""Which images a rater may load: those of the tasks that are or were on his screen."""

from typing import Any

from annotation.selectors.hot import first_row

# Of each task only what its page shows. The two halves are apart so that each finds its partial index.
SHOWN = """
SELECT EXISTS (
    SELECT FROM (
        SELECT a.unit_id FROM annotation_assignment a JOIN annotation_rater r ON r.id = a.rater_id
        WHERE r.user_id = %(user)s AND r.workspace_id = %(workspace)s AND a.state = 'leased'
        UNION ALL
        SELECT a.unit_id FROM annotation_assignment a JOIN annotation_rater r ON r.id = a.rater_id
        WHERE r.user_id = %(user)s AND r.workspace_id = %(workspace)s AND a.state = 'submitted'
    ) a
    JOIN annotation_unit u ON u.id = a.unit_id
    JOIN annotation_study s ON s.id = u.study_id
    JOIN catalog_example e ON e.id = u.example_id
    JOIN catalog_output o ON o.id = u.output_id
    LEFT JOIN catalog_output p ON p.id = u.other_output_id
    CROSS JOIN LATERAL (VALUES
        (CASE WHEN s.show_prompt THEN e.content END),
        (CASE WHEN s.show_prompt THEN e.choices END),
        (CASE WHEN s.show_reference THEN e.reference END),
        (o.content), (p.content)
    ) AS blocks (shown)
    WHERE jsonb_path_exists(blocks.shown, '$.**.file ? (@ == $file || @ == $name)',
                            jsonb_build_object('file', %(file)s::bigint, 'name', (%(file)s::bigint)::text))
)
"""


def shows_image(user: Any, workspace_id: int, file_id: int) -> bool:
    """Whether a task that this person has or has answered shows the file."""
    row = first_row(SHOWN, {"user": user.pk, "workspace": workspace_id, "file": file_id})
    return bool(row and row[0])
