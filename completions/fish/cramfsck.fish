# fish completion of cramfsck.

set -l c complete -c cramfsck
$c -s b -l block-size -x -a '4096 8192 16384 32768 65536' -d 'Page size of the image'
$c -s E -l errors -d 'Count hazards as errors'
$c -s j -l jobs -x -d 'Threads to inflate with'
$c -l offset -x -d 'Where in IMAGE the file system begins'
$c -l scan -d 'Only list the superblocks in IMAGE'
$c -l quiet -d 'Print nothing but findings and errors'
$c -s v -l verbose -d 'Also print notes'
$c -s x -x -a '(__fish_complete_directories)' -d 'Extract into a new or empty directory'
$c -l extract -f -a '(__fish_complete_directories (commandline -ct | string replace -r "^--extract=" ""))' -d 'Extract into a new or empty directory'
$c -l max-extract -x -d 'Extract no more bytes than this'
$c -l privileged -d 'Also extract device nodes and set-id bits'
$c -l kernel -x -a 'mmu nommu v3' -d 'Which kernel maps'
$c -l base -x -d 'Physical address of the image'
$c -l xip-report -f -a 'text json' -d 'Report which pages a kernel will map directly'
$c -s h -l help -d 'Print a summary of the options'
$c -s V -l version -d 'Print the versions'
