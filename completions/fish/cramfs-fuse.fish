# fish completion of cramfs-fuse.

set -l c complete -c cramfs-fuse
$c -s b -l block-size -x -a '4096 8192 16384 32768 65536' -d 'Page size of the image'
$c -l offset -x -d 'Where in IMAGE the file system begins'
$c -s d -l debug -d 'Print what the kernel asks'
$c -s f -l foreground -d 'Stay in the foreground'
$c -s o -l options -x -d 'Mount options'
$c -s s -l single -d 'Serve one request at a time'
$c -s h -l help -d 'Print a summary of the options'
$c -s V -l version -d 'Print the versions'
