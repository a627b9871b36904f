"""A machine with an image in a partition of its NOR flash, the second bank of QEMU's."""
import dataclasses

import guest

FLASH_BASE, FLASH_SIZE, PARTITION = 0x04000000, 64 << 20, 1 << 20
FLASH_NODE = """
/ {
    flash@0 {
        compatible = "%s"; reg = <0 0x4000000 0 0x4000000>; bank-width = <4>; linux,mtd-name = "nor";
        partitions {
            compatible = "fixed-partitions"; #address-cells = <1>; #size-cells = <1>;
            config@0 { label = "config"; reg = <0 0x100000>; };
            rootfs@100000 { label = "rootfs"; reg = <0x100000 0x3f00000>; };
        };
    };
};
"""


def flash_guest(machine, compatible, image, work):
    """A machine with the image in a partition of its flash."""
    data = bytearray(b"\xff" * FLASH_SIZE)
    data[PARTITION:PARTITION + image.stat().st_size] = image.read_bytes()
    (work / "flash").write_bytes(data)
    drive = ("-drive", f"if=pflash,unit=1,format=raw,file={work}/flash")
    ready = guest.Guest(dataclasses.replace(machine, qemu=(*machine.qemu, *drive)), work)
    source = guest.run("dtc", "-q", "-I", "dtb", "-O", "dts", ready.device_tree).decode() + FLASH_NODE % compatible
    guest.run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", ready.device_tree, "-", input=source.encode())
    return ready
