"""A kernel without an MMU: a mapping is direct as a whole, or a copy in RAM; programs are bFLT, and print where they
run."""
import copy
import dataclasses
import errno
import random

import pytest

import case
import elf
import guest
import oracle
import programs
import random_options
import random_tree
import specimen
from flat import flat_file
from trees import PAGE, Tree, incompressible, patchwork

SEEDS = range(2744, 2756)  # among them some in which nothing is chosen, with each kind of --xip
LEAST = {
    "none": {},
    "text": {"direct_pages": 20, "direct_mappings": 6},
    "auto": {"direct_pages": 40, "direct_mappings": 15},
    "readonly": {"direct_pages": 40, "direct_mappings": 15},
    "all": {"direct_pages": 250, "direct_mappings": 50},
}


@pytest.fixture(scope="module")
def where(riscv_nommu):
    """A program of a little more than three pages, all text, that prints where it runs."""
    filler = random.Random(64).randbytes(3 * PAGE)
    return programs.build(riscv_nommu.machine.toolchain, programs.WHERE, filler=filler).read_bytes()


def whole(verb, path, data):
    return f"{verb} {path.hex()} 0 {len(data)} r-x"


def address_of(said):
    words = said.split()
    assert words[:2] == [b"text", b"at"], said
    return int(words[2], 16)


def in_rom(address, machine=guest.RISCV_NOMMU):
    return machine.rom_base <= address < machine.rom_base + machine.rom_size


def boot_specimen(riscv_nommu, tmp_path, children, requests, **form):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory(children), **form))
    return riscv_nommu.boot(image, requests)


def check_runs(observation):
    """Every program ran to its end; returns path -> where its text was."""
    assert all(run["status"] == 0 for run in observation.runs), observation.runs
    return [address_of(run["output"]) for run in observation.runs]


@pytest.mark.parametrize("skew", [0, 4, 64, 1020])
def test_text_in_rom_runs_there_at_any_address(riscv_nommu, tmp_path, where, skew):
    observation = boot_specimen(riscv_nommu, tmp_path, {b"program": specimen.file(where, "dddd", 0o755)},
                                ["run " + b"program".hex(), whole("map", b"program", where)], skew=skew)
    mapping, = observation.mappings
    text, = check_runs(observation)
    assert mapping["address"] % PAGE == skew
    assert mapping["address"] < text < mapping["address"] + len(where)


def test_one_compressed_page_and_the_text_runs_from_ram(riscv_nommu, tmp_path, where):
    for blocks in ("cddd", "ddcd", "dddc"):
        (tmp_path / blocks).mkdir()
        observation = boot_specimen(riscv_nommu, tmp_path / blocks, {b"program": specimen.file(where, blocks, 0o755)},
                                    ["run " + b"program".hex()])
        assert not in_rom(*check_runs(observation)), blocks


def test_a_shared_mapping_is_direct_or_fails(riscv_nommu, tmp_path, where):
    children = {b"direct": specimen.file(where, "dddd"), b"copied": specimen.file(where, "dddc")}
    requests = [f"map {name.hex()} 0 {len(where)} r--s" for name in sorted(children, reverse=True)]
    direct, copied = boot_specimen(riscv_nommu, tmp_path, children, requests).mappings
    assert in_rom(direct["address"])
    assert copied["mmap_error"] == errno.ENODEV


def test_two_programs_on_the_same_pages_end_the_kernel(riscv_nommu, tmp_path, where):
    """Why the builder stores them twice: without that, the next test could not work."""
    children = {b"one": specimen.file(where, "dddd", 0o755), b"two": specimen.file(where, "dddd", 0o755, uid=1)}
    requests = [whole("hold", b"one", where), "run " + b"two".hex()]
    with pytest.raises(guest.GuestFailed, match="kernel BUG at mm/nommu.c"):
        boot_specimen(riscv_nommu, tmp_path, children, requests, shared_pages=True)


def fdpic_file(rng):
    """Nothing here can run it: this kernel has no loader for FDPIC. Its segments can be mapped as a loader would."""
    segments, size = elf.separate_code(600, 2 * PAGE + 5, PAGE + 9, 300)
    data = bytearray(elf.elf_file(elf.Form(), segments, incompressible(rng, size)))
    data[elf.EI_OSABI] = elf.OSABI_ARM_FDPIC
    return bytes(data)


@pytest.fixture(scope="module")
def packed(riscv_nommu, tools, where, tmp_path_factory):
    """A tree of mkcramfs-xip --kernel=nommu, in which each program ran while the others were mapped, and alone."""
    work = tmp_path_factory.mktemp("packed")
    rng = random.Random(65)
    tree = Tree(work / "source")
    for name in (b"bin", b"dev"):
        tree.directory(name)
    tree.file(b"bin/one", where, 0o755)
    tree.file(b"bin/same", where, 0o755)
    tree.file(b"bin/two", where, 0o555)
    tree.file(b"bin/three", where, 0o755, uid=7)
    tree.file(b"bin/four", where, 0o755, gid=7)
    tree.file(b"bin/whole-pages", flat_file(4 * PAGE, where.ljust(4 * PAGE, b"!"), flags=0, bss_end=4 * PAGE), 0o755)
    tree.file(b"bin/wants-ram", flat_file(len(where), where, flags=1, bss_end=len(where)), 0o755)
    tree.file(b"bin/fdpic", fdpic_file(rng), 0o755)
    tree.file(b"noise", incompressible(rng, 3 * PAGE - 50))
    ran = [b"bin/" + name for name in (b"one", b"same", b"two", b"three", b"four", b"whole-pages", b"wants-ram")]
    runs = [f"run {path.hex()}" for path in ran]
    holds = [whole("hold", path, where) for path in ran[:5]]
    observed = case.run_case(riscv_nommu, tools, work / "source", work / "image", extra_requests=[*runs, *holds, *runs])
    del observed.observation.mappings[-len(holds):]
    return observed, ran


def test_what_is_mapped_is_what_the_report_says(packed):
    observed, _ = packed
    observed.compare().verdict(nodes=24, files=18, mappings=19, direct_pages=50, direct_mappings=14, refused_mappings=5)


@pytest.mark.parametrize("claim", [0, 1])
def test_a_false_prediction_is_noticed(packed, claim):
    report = copy.deepcopy(packed[0].report)
    wrong = next(said for *_, said in oracle.predictions(report) if bool(said["direct_pages"]) != bool(claim))
    wrong["direct_pages"] = claim * wrong["pages"]
    with pytest.raises(AssertionError, match="direct pages: expected"):
        dataclasses.replace(packed[0], report=report).compare().verdict(mappings=1)


def test_text_runs_where_the_report_says(packed):
    observed, ran = packed
    files = {oracle.path_of(file): file for file in observed.report["files"]}
    comparison = oracle.Comparison()
    for path, text in zip([*ran, *ran], check_runs(observed.observation)):
        mappings = files[path]["mappings"]
        predicted = bool(mappings) and mappings[0]["direct_pages"] == mappings[0]["pages"]
        comparison.check("direct_runs" if predicted else "copied_runs", path, predicted, in_rom(text))
    comparison.verdict(direct_runs=10, copied_runs=4)


def test_equal_programs_of_different_owners_run_at_places_of_their_own(packed):
    observed, ran = packed
    places = dict(zip(ran, check_runs(observed.observation)))
    assert places[b"bin/one"] == places[b"bin/same"]
    equal = [b"bin/" + name for name in (b"one", b"two", b"three", b"four")]
    inodes = {tuple(observed.expected[path][key] for key in ("mode", "uid", "gid")) for path in equal}
    assert len({places[path] for path in equal}) == len(inodes) >= 2


def test_the_first_program_runs_in_rom(riscv_nommu, packed):
    observed, _ = packed
    said = riscv_nommu.console(observed.image, "/bin/one")
    place, = (line for line in said.splitlines() if "text at" in line)
    assert in_rom(address_of(place[place.index("text"):].encode())), said


@pytest.mark.parametrize("seed", SEEDS)
def test_random_tree(riscv_nommu, tools, where, tmp_path, seed):
    rng = random.Random(seed)
    donors = [where]
    for _ in range(4):
        payload = patchwork(rng, rng.randint(2 * PAGE, 9 * PAGE))
        donors.append(flat_file(rng.randint(100, len(payload)), payload, flags=rng.choice((0, 0, 1))))
        donors.append(fdpic_file(rng))
    random_tree.make_random_tree(tmp_path / "source", seed, donors=donors)
    options = random_options.random_options(seed, tmp_path)
    print(f"seed {seed}, {options}")
    observed = case.run_case(riscv_nommu, tools, tmp_path / "source", tmp_path / "image", *options.words)
    least = {} if options.chosen else LEAST[options.xip] | {"refused_mappings": 130}
    observed.compare().verdict(nodes=600, files=300, mappings=160, failures=1, **least)
