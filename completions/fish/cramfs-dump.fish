# fish completion of cramfs-dump.

set -l c complete -c cramfs-dump
$c -s b -l block-size -x -a '4096 8192 16384 32768 65536' -d 'Page size of the image'
$c -l extents -d 'Print every extent and the gaps, instead of the tree'
$c -l offset -x -d 'Where in IMAGE the file system begins'
$c -l scan -d 'Only list the superblocks in IMAGE'
$c -s h -l help -d 'Print a summary of the options'
$c -s V -l version -d 'Print the versions'
