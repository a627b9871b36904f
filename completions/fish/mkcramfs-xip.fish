# fish completion of mkcramfs-xip.

set -l c complete -c mkcramfs-xip
$c -l xip -x -a 'auto\t"every page of a read-only ELF segment" none\tnothing' -d 'What goes in place'
$c -s b -l block-size -x -a '4096 8192 16384 32768 65536' -d 'Page size of the target'
$c -s e -l edition -x -d 'Edition number in the superblock'
$c -l legacy -d 'Only what old kernels and tools read'
$c -l no-holes -d 'Store blocks of zeroes'
$c -s n -l name -x -d 'Name of the volume'
$c -s N -l endian -x -a 'little big host' -d 'Byte order of the target'
$c -s q -l all-root -d 'Everything belongs to uid 0 and gid 0'
$c -l compressor -x -a 'libdeflate zlib' -d 'Compressor'
$c -s j -l jobs -x -d 'Threads to compress with'
$c -l level -x -a '1 2 3 4 5 6 7 8 9 10 11 12' -d 'Compression level'
$c -l extents -r -F -d 'Write the planned extents to a file'
$c -l quiet -d 'Print nothing but errors'
$c -s v -l verbose -d 'Say of each file what goes in place, and why'
$c -s h -l help -d 'Print a summary of the options'
$c -s V -l version -d 'Print the versions'
