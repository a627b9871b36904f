"""A big-endian kernel: only what the other tests do not check in both byte orders."""
import case


def test_the_debian_tree_as_data(armbe, tools, debian_armhf, tmp_path):
    """Its programs are little-endian and run nowhere here; the report and the mappings are right for them
    nevertheless."""
    observed = case.run_case(armbe, tools, debian_armhf, tmp_path / "image")
    observed.compare().verdict(nodes=700, files=600, bytes=16 << 20, mappings=800, pages=6000, direct_pages=3000,
                               direct_mappings=1, mixed_mappings=400, refused_mappings=250)
    assert not case.loader_disagreements(observed)
