"""Routes of the catalog."""

from django.urls import URLPattern, URLResolver, path

from concord.catalog.web import criteria, datasets, imports, systems

urlpatterns: list[URLPattern | URLResolver] = [
    path("w/<slug:workspace>/systems/", systems.systems, name="systems"),
    path("w/<slug:workspace>/systems/new/", systems.NewSystem.as_view(), name="system-new"),
    path("w/<slug:workspace>/systems/<int:pk>/", systems.system, name="system"),
    path("w/<slug:workspace>/systems/<int:pk>/edit/", systems.EditSystem.as_view(), name="system-edit"),
    path("w/<slug:workspace>/systems/<int:pk>/archive/", systems.archive, name="system-archive"),
    path("w/<slug:workspace>/datasets/", datasets.datasets, name="datasets"),
    path("w/<slug:workspace>/datasets/new/", datasets.NewDataset.as_view(), name="dataset-new"),
    path("w/<slug:workspace>/datasets/<int:pk>/", datasets.dataset, name="dataset"),
    path("w/<slug:workspace>/datasets/<int:pk>/freeze/", datasets.freeze, name="dataset-freeze"),
    path("w/<slug:workspace>/datasets/<int:pk>/version/", datasets.new_version, name="dataset-version"),
    path(
        "w/<slug:workspace>/datasets/<int:pk>/examples.csv",
        datasets.export,
        {"what": "examples"},
        name="examples-csv",
    ),
    path(
        "w/<slug:workspace>/datasets/<int:pk>/outputs.csv",
        datasets.export,
        {"what": "outputs"},
        name="outputs-csv",
    ),
    path("w/<slug:workspace>/examples/<int:pk>/", datasets.example, name="example"),
    path("w/<slug:workspace>/criteria/", criteria.criteria, name="criteria"),
    path("w/<slug:workspace>/criteria/new/", criteria.NewCriterion.as_view(), name="criterion-new"),
    path("w/<slug:workspace>/criteria/<int:pk>/", criteria.criterion, name="criterion"),
    path("w/<slug:workspace>/imports/", imports.imports, name="imports"),
    path("w/<slug:workspace>/imports/new/", imports.NewImport.as_view(), name="import-new"),
    path("w/<slug:workspace>/imports/<int:pk>/", imports.import_, name="import"),
    path("w/<slug:workspace>/imports/<int:pk>/mapping/", imports.mapping, name="import-mapping"),
    path("w/<slug:workspace>/imports/<int:pk>/save/", imports.save, name="import-save"),
    path("w/<slug:workspace>/imports/<int:pk>/check/", imports.step, {"do": "check"}, name="import-check"),
    path("w/<slug:workspace>/imports/<int:pk>/write/", imports.step, {"do": "write"}, name="import-write"),
    path("w/<slug:workspace>/imports/<int:pk>/undo/", imports.step, {"do": "undo"}, name="import-undo"),
    path("w/<slug:workspace>/imports/<int:pk>/progress/", imports.progress, name="import-progress"),
    path("w/<slug:workspace>/imports/<int:pk>/rejections.csv", imports.rejections, name="import-rejections"),
]
