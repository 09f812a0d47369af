"""A thin layer over moto's server: names each call, counts it, answers what moto lacks, corrects what moto gets wrong."""
